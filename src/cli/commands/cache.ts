/** `procsup cache`: what the cache of tasks holds, and removing it. */
import { existsSync } from 'node:fs';
import { STATUS } from '../../core/process/exit.ts';
import { hasErrors, type Problem } from '../../core/problem.ts';
import { whyNotPrivate } from '../../os/files/private-directory.ts';
import { entriesOf, pruneNow, type KeptEntry, type Pruned } from '../../os/tasks/prune.ts';
import { cacheSettings, type CacheSettings } from '../../os/tasks/settings.ts';
import { openStore } from '../../os/tasks/store.ts';
import { bytesText, uptimeText } from '../../text/bytes-text.ts';
import { parseDuration } from '../../text/duration.ts';
import { suggest } from '../../text/suggest.ts';
import { tableText } from '../../text/table.ts';
import { visibleText } from '../../text/terminal-safe.ts';
import { localTime } from '../../ui/event-line.ts';
import { problemsText } from '../../ui/problem-text.ts';
import { complain, printJson } from '../client/answers.ts';
import { stdoutWidth } from '../client/stdout-width.ts';
import type { CommandLine } from '../command-line.ts';
import type { Io } from '../io.ts';
import { readSettings } from '../read-settings.ts';
import { systemReason } from '../pool/system-reason.ts';

const ACTIONS = ['ls', 'prune'] as const;
/** Words of other tools. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  list: 'ls',
  clean: 'prune',
  clear: 'prune',
  rm: 'prune',
};

interface CacheOrder {
  readonly action: 'ls' | 'prune';
  readonly json: boolean;
  /** Since it was used last; -1 for all. */
  readonly maxAgeMs: number | undefined;
}

export function cache(line: CommandLine, io: Io): number {
  const settings = cacheSettings(io.env);
  const { order, problems } = orderOf(line, io);
  const all = [...problems, ...settings.problems];
  if (all.length > 0) io.stderr(problemsText(all, io.paint));
  if (order === undefined || hasErrors(all)) return STATUS.usage;
  try {
    return order.action === 'ls' ? ls(settings, order, io) : prune(settings, order, io);
  } catch (error) {
    complain(
      io,
      `cannot ${order.action === 'ls' ? 'read' : 'prune'} '${settings.directory}': ${systemReason(error)}`,
    );
    return STATUS.internal;
  }
}

function orderOf(
  { options, operands, command }: CommandLine,
  io: Io,
): { readonly order: CacheOrder | undefined; readonly problems: readonly Problem[] } {
  const read = readSettings(options, io.env, command);
  const [word = '', ...more] = operands;
  const action = ACTIONS.find((one) => one === word);
  const olderMs = read.text('older-than', ageOf);
  const isAll = read.isOn('all');
  const json = read.isOn('json');
  const problems = [...read.problems];
  const wrong = (message: string, remedy?: string): void =>
    void problems.push({
      code: 'usage',
      severity: 'error',
      message,
      ...(remedy !== undefined && { remedy }),
    });
  if (action === undefined) {
    const meant = OTHER_WORDS[word] ?? suggest(word, ACTIONS);
    const what = word === '' ? 'missing action' : `unknown action '${word}'`;
    wrong(`${what} of 'procsup cache'`, meant === undefined ? 'use ls or prune' : `did you mean '${meant}'?`);
  }
  if (more.length > 0) wrong(`unexpected argument '${more[0] ?? ''}' of 'procsup cache'`);
  if (action === 'ls')
    for (const name of Object.keys(read.texts('all', 'older-than')))
      wrong(`'--${name}' has no effect on 'procsup cache ls'`);
  if (isAll && olderMs !== undefined) wrong("'--all' and '--older-than' exclude each other");
  const order = action && { action, json, maxAgeMs: isAll ? -1 : olderMs };
  return { order, problems };
}

/** As a lock that is held. */
const IN_USE = 1;
const DAY_MS = 86_400_000;

/** Also of more days than a timer can count. */
function ageOf(
  text: string,
): { readonly value: number } | { readonly message: string; readonly remedy: string } {
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  const value = days === undefined ? parseDuration(text) : Number(days) * DAY_MS;
  if (value !== undefined) return { value };
  return { message: 'not a duration', remedy: 'use a duration such as 12h or 30d' };
}

/** Undefined: there is none yet. Throws where it is not private. */
function storeOf({ directory }: CacheSettings) {
  if (!existsSync(directory)) return undefined;
  const why = whyNotPrivate(directory);
  if (why !== undefined) throw new Error(why);
  return openStore(directory);
}

function ls(settings: CacheSettings, { json }: CacheOrder, io: Io): number {
  const store = storeOf(settings);
  const entries = store === undefined ? [] : entriesOf(store);
  if (json) printJson(io, entries.map(recordOf));
  else if (entries.length === 0) io.stderr('procsup: the cache of tasks is empty\n');
  else io.stdout(tableText(COLUMNS, entries.map(rowOf), { paint: io.paint, width: stdoutWidth() }));
  return STATUS.success;
}

const COLUMNS = [
  { title: 'TASK' },
  { title: 'FILES', align: 'right' },
  { title: 'SIZE', align: 'right' },
  { title: 'SAVES', align: 'right' },
  { title: 'USED' },
  { title: 'DIRECTORY' },
] as const;

const rowOf = ({ task, files, bytes, durationMs, usedAtMs, directory }: KeptEntry): readonly string[] => [
  ...[visibleText(task), String(files.length), bytesText(bytes), uptimeText(durationMs / 1000)],
  ...[localTime(new Date(usedAtMs).toISOString()), visibleText(directory)],
];

const recordOf = ({ key, task, directory, files, bytes, durationMs, madeAtMs, usedAtMs }: KeptEntry) => ({
  ...{ key, task, directory, files: files.length, bytes, duration: durationMs / 1000 },
  made: new Date(madeAtMs).toISOString(),
  used: new Date(usedAtMs).toISOString(),
});

function prune(settings: CacheSettings, { json, maxAgeMs }: CacheOrder, io: Io): number {
  const store = storeOf(settings);
  const { bounds } = settings;
  const pruned: ReturnType<typeof pruneNow> =
    store === undefined
      ? { results: 0, bytes: 0, leftBytes: 0 }
      : pruneNow(store, { ...bounds, ...(maxAgeMs !== undefined && { maxAgeMs }), nowMs: Date.now() });
  if ('usedBy' in pruned) {
    const pids = pruned.usedBy.map((pid) => `pid ${String(pid)}`).join(', ');
    complain(
      io,
      `the cache is in use by ${pids === '' ? 'another process' : pids}`,
      'try again when it has ended',
    );
    return IN_USE;
  }
  if (json) printJson(io, { results: pruned.results, bytes: pruned.bytes, left: pruned.leftBytes });
  else io.stdout(`${prunedText(pruned)}\n`);
  return STATUS.success;
}

const prunedText = ({ results, bytes, leftBytes }: Pruned): string =>
  `removed ${results === 1 ? '1 result' : `${String(results)} results`} (${bytesText(Math.max(0, bytes))}); ${bytesText(leftBytes)} left`;
