/** Reads what a process watches. */
import { WATCH_DEFAULTS } from '../../core/plan/watching.ts';
import type { WatchAction, WatchPlan } from '../../core/plan/process-plan.ts';
import { SIGNAL_NUMBERS, type SignalName } from '../../core/process/signals.ts';
import { suggest } from '../../text/suggest.ts';
import { readCommand } from './commands.ts';
import { defined, type EntryReader } from './entry.ts';

const POLL_MS = 1000;
/** More often would be work all the time. */
const LEAST_POLL_MS = 100;

export function readWatch(reader: EntryReader): WatchPlan | 'off' | undefined {
  if (reader.map['watch'] === undefined) return undefined;
  const below = reader.below('watch');
  const paths = readPaths(below ?? reader, below === undefined ? 'watch' : 'paths');
  if (paths === 'off' || paths === undefined) return paths;
  if (below === undefined) return { ...WATCH_DEFAULTS, paths };
  return {
    ...WATCH_DEFAULTS,
    paths,
    ...defined({
      ignore: below.map['ignore'] === undefined ? undefined : readPatterns(below, 'ignore'),
      action: readAction(below),
      task: below.text('run'),
      debounceMs: below.duration('debounce'),
      gitignore: below.flag('gitignore'),
      pollMs: readPoll(below),
    }),
  };
}

function readPaths(reader: EntryReader, key: string): readonly string[] | 'off' | undefined {
  const isOn = reader.flag(key);
  if (isOn !== undefined) return isOn ? ['.'] : 'off';
  const paths = readPatterns(reader, key);
  return paths.length === 0 ? undefined : paths;
}

function readPatterns(reader: EntryReader, key: string): readonly string[] {
  return reader.list(key).flatMap(([item, path]) => {
    if (typeof item !== 'string') return [];
    const text = item.trim();
    if (text !== '' && !text.includes('\0')) return [text];
    reader.wrong(path, `invalid pattern for '${key}'`, 'name a file or directory, or remove it');
    return [];
  });
}

function readAction(reader: EntryReader): WatchAction | undefined {
  const value = reader.map['action'];
  if (Array.isArray(value)) return commandOf(reader);
  const text = reader.text('action');
  if (text === undefined) return undefined;
  if (text === 'restart') return { kind: 'restart' };
  const name = text.replace(/^(?:SIG)?/, 'SIG');
  if (Object.hasOwn(SIGNAL_NUMBERS, name)) return { kind: 'signal', signal: name as SignalName };
  // A slip in one word is no command.
  const meant = /^\w+$/.test(text) ? suggest(text, ['restart', ...Object.keys(SIGNAL_NUMBERS)]) : undefined;
  if (meant === undefined) return commandOf(reader);
  reader.wrong(
    [...reader.path, 'action'],
    `invalid value '${text}' for 'action'`,
    `did you mean '${meant}'? use restart, a signal such as SIGHUP, or a command`,
  );
  return undefined;
}

function commandOf(reader: EntryReader): WatchAction | undefined {
  const reading = readCommand(reader, 'action');
  return reading === undefined ? undefined : { kind: 'command', command: reading.command };
}

function readPoll(reader: EntryReader): number | undefined {
  const isOn = reader.flag('poll');
  if (isOn !== undefined) return isOn ? POLL_MS : undefined;
  const ms = reader.duration('poll');
  if (ms === undefined || ms >= LEAST_POLL_MS) return ms;
  reader.wrong([...reader.path, 'poll'], "invalid value for 'poll'", 'use 100ms or more');
  return undefined;
}
