/**
 * Runs one program in our own process group and session, with our stdin, stdout and stderr, so that a terminal works as
 * if we were not there. We only prepare it and pass on its exit.
 */
import { execa } from 'execa';
import type { Exit } from '../../core/process/exit.ts';
import { SIGNAL_NUMBERS, type SignalName } from '../../core/process/signals.ts';
import { ignoredAtStart, ignoringPrelude } from './launch-environment.ts';
import { softNofilePrelude } from './limits.ts';
import { OTHER_ABORT } from './received-signals.ts';
import { shellFor } from './shell.ts';
import { terminalSignalsUs } from '../terminal/group.ts';
import { exitBySignal } from '../../core/process/exit.ts';
import { tooLargeText } from './too-large.ts';
import { SYSTEM_SIGNALS } from './signal-numbers.ts';

export interface CommandRequest {
  /** The program and its arguments. */
  readonly words: readonly [program: string, ...args: string[]];
  readonly root: string;
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  /** Of ours, which the program inherits as 3. */
  readonly descriptor?: number;
}

/** Signals that a terminal sends to the whole foreground group: the program receives them directly. */
const KEYBOARD: readonly SignalName[] = ['SIGINT', 'SIGQUIT'];
const PASSED_ON: readonly SignalName[] = [
  'SIGTERM',
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGXCPU',
  'SIGABRT',
];

const nothing = (): void => undefined;

/** Runs a program until it exits. Signals do not end us meanwhile: the program decides. */
export async function runCommand({ words, root, env, descriptor }: CommandRequest): Promise<Exit> {
  // `exec` looks for a program only, never for something the shell has built in; and it runs a script without `#!`.
  const ignored = ignoredAtStart(process.env);
  const shell = shellFor(env);
  const script = `${softNofilePrelude(process.env)}${ignoringPrelude(ignored)}exec "$@"`;

  let subprocess: { kill(signal: SignalName): boolean } | undefined;
  const hear = (signal: SignalName): void => {
    if (ignored.includes(signal)) return;
    if (!KEYBOARD.includes(signal) || !terminalSignalsUs()) subprocess?.kill(signal);
  };
  const listened = [...KEYBOARD, ...PASSED_ON];
  for (const signal of listened) process.on(signal, hear);
  process.on(OTHER_ABORT, nothing);
  try {
    const running = execa(shell.file, [...shell.flags, '-c', script, 'sh', ...words], {
      cwd: root,
      env,
      extendEnv: false,
      stdio: ['inherit', 'inherit', 'inherit', ...(descriptor === undefined ? [] : [inherited(descriptor)])],
      reject: false,
      buffer: false,
      // No timeout: the sender of the signal decides how long to wait.
      forceKillAfterDelay: false,
    });
    subprocess = running;
    return exitOf(await running, env);
  } finally {
    for (const signal of listened) process.removeListener(signal, hear);
    process.removeListener(OTHER_ABORT, nothing);
  }
}

/** execa passes a number on as it is; its types know that for 0, 1 and 2 only. */
const inherited = (descriptor: number): 'inherit' => descriptor as unknown as 'inherit';

interface Outcome {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly code?: string | undefined;
  readonly originalMessage?: string | undefined;
}

function exitOf({ exitCode, signal, code, originalMessage }: Outcome, env: CommandRequest['env']): Exit {
  if (code === 'E2BIG') return { by: 'refusal', error: code, message: tooLargeText(env) };
  if (exitCode !== undefined) return { by: 'code', code: exitCode };
  if (signal !== undefined && isSignalName(signal)) return exitBySignal(signal, SYSTEM_SIGNALS);
  return { by: 'refusal', error: code ?? 'UNKNOWN', message: originalMessage ?? 'unknown error' };
}

const isSignalName = (name: string): name is SignalName => Object.hasOwn(SIGNAL_NUMBERS, name);
