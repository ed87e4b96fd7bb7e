/** Reads how a process ends: its restart policy, its stop, and the commands around both. */
import type { HookPlan, HooksPlan, StopPlan } from '../../core/plan/process-plan.ts';
import { RESTART_DEFAULTS, type RestartMode, type RestartPolicy } from '../../core/process/restart-policy.ts';
import { SIGNAL_NUMBERS, type SignalName } from '../../core/process/signals.ts';
import { suggest } from '../../text/suggest.ts';
import { readCommand } from './commands.ts';
import { defined, type EntryReader } from './entry.ts';

const MODES = ['never', 'on-failure', 'always'] as const;
/** Of Compose. */
const MODES_OF_OTHERS: Readonly<Record<string, RestartMode>> = { no: 'never', 'unless-stopped': 'always' };

/** Of a word, also `on-failure:3` as Compose has it, or a map. */
export function readRestart(reader: EntryReader): Partial<RestartPolicy> | undefined {
  const below = reader.below('restart');
  if (below === undefined) return readPolicy(reader, 'restart');
  const restarts = below.integer('attempts', 0, 1_000);
  const withinMs = below.duration('within');
  const giveUp =
    restarts === undefined && withinMs === undefined
      ? undefined
      : { ...RESTART_DEFAULTS.giveUp, ...defined({ restarts, withinMs }) };
  return {
    ...(giveUp !== undefined && { giveUp }),
    ...readPolicy(below, 'policy'),
    ...defined({ delayMs: below.duration('delay'), maxDelayMs: below.duration('max_delay') }),
  };
}

function readPolicy(reader: EntryReader, key: string): Partial<RestartPolicy> | undefined {
  const value = reader.map[key];
  const attempts = typeof value === 'string' ? /^on-failure:(\d{1,3})$/.exec(value)?.[1] : undefined;
  if (attempts !== undefined)
    return { mode: 'on-failure', giveUp: { ...RESTART_DEFAULTS.giveUp, restarts: Number(attempts) } };
  const mode = reader.word(key, MODES, MODES_OF_OTHERS);
  return mode === undefined ? undefined : { mode };
}

export function readStop(reader: EntryReader): StopPlan | undefined {
  const stop = defined({
    signal: readSignal(reader),
    timeoutMs: reader.duration('stop_grace_period'),
    command: readCommand(reader, 'stop_command')?.command,
    target: reader.word('stop_target', ['group', 'main']),
  });
  return Object.keys(stop).length === 0 ? undefined : stop;
}

function readSignal(reader: EntryReader): SignalName | undefined {
  const text = reader.text('stop_signal');
  if (text === undefined) return undefined;
  const name = text.toUpperCase().replace(/^(?:SIG)?/, 'SIG');
  if (Object.hasOwn(SIGNAL_NUMBERS, name)) return name as SignalName;
  const names = Object.keys(SIGNAL_NUMBERS);
  const meant = suggest(name, names);
  const remedy = 'use for example SIGTERM, SIGINT or SIGQUIT';
  reader.wrong(
    [...reader.path, 'stop_signal'],
    `unknown signal '${text}'`,
    meant === undefined ? remedy : `did you mean '${meant}'? ${remedy}`,
  );
  return undefined;
}

export function readHooks(reader: EntryReader): HooksPlan | undefined {
  const hooks = defined({
    preStart: readHook(reader, 'pre_start'),
    postStart: readHook(reader, 'post_start'),
    preStop: readHook(reader, 'pre_stop'),
    postStop: readHook(reader, 'post_stop'),
  });
  return Object.keys(hooks).length === 0 ? undefined : hooks;
}

const HOOK_TIMEOUT_MS = 60_000;

/** The time limit of a short form is the default. */
function readHook(reader: EntryReader, key: string): HookPlan | undefined {
  const below = reader.below(key);
  const command = (below === undefined ? readCommand(reader, key) : readCommand(below, 'command'))?.command;
  const timeoutMs = below?.duration('timeout') ?? HOOK_TIMEOUT_MS;
  return command === undefined ? undefined : { command, timeoutMs };
}
