/** Reads `ready`, `fail` and `health`. */
import { HEALTH_DEFAULTS, type Check, type HealthPlan, type ReadyPlan } from '../../core/check/check.ts';
import { HIGHEST_PORT } from '../../core/plan/ports.ts';
import { readCommand } from './commands.ts';
import { createEntryReader, defined, isMap, sourceOf, type EntryReader } from './entry.ts';
import { wordProblem } from '../shape.ts';

const REPEATABLE = ['listening', 'tcp', 'http', 'exec'] as const;
const KINDS = [...REPEATABLE, 'log', 'notify', 'fd', 'delay'] as const;
type Kind = (typeof KINDS)[number];

/** Undefined: there is no such key, or no valid check in it. */
export function readReady(reader: EntryReader): ReadyPlan | undefined {
  const entries = checkEntries(reader, 'ready');
  const checks = entries.flatMap((entry) => readCheck(entry, 'ready', KINDS));
  const withinMs = onlyOne(entries, 'within')?.duration('within');
  return checks.length === 0 ? undefined : { checks, ...defined({ withinMs }) };
}

export function readHealth(reader: EntryReader): HealthPlan | undefined {
  const entries = checkEntries(reader, 'health');
  const checks = entries.flatMap((entry) => readCheck(entry, 'health', REPEATABLE));
  if (checks.length === 0) return undefined;
  return {
    ...HEALTH_DEFAULTS,
    checks,
    ...defined({
      everyMs: everyOf(onlyOne(entries, 'every')),
      failures: onlyOne(entries, 'failures')?.integer('failures', 1, 1_000),
      action: onlyOne(entries, 'action')?.word('action', ['restart', 'warn']),
    }),
  };
}

function everyOf(entry: EntryReader | undefined): number | undefined {
  const ms = entry?.duration('every');
  if (entry === undefined || ms === undefined || ms >= LEAST_EVERY_MS) return ms;
  entry.wrong([...entry.path, 'every'], "'every' is too short (the limit is 100ms)", 'use for example 10s');
  return undefined;
}

const LEAST_EVERY_MS = 100;

export function readFail(reader: EntryReader): string | undefined {
  const below = reader.below('fail');
  return below === undefined ? undefined : readPattern(below, 'log');
}

/** Each entry of a list, or the one that is given. */
function checkEntries(reader: EntryReader, key: string): readonly EntryReader[] {
  return reader.list(key).flatMap(([item, path]) => {
    if (isMap(item)) return [createEntryReader(item, path, reader.placeOf, reader.problems)];
    if (item !== 'listening' && item !== 'notify') {
      if (typeof item === 'string' && path.length === reader.path.length + 1 && key === 'ready')
        reader.problems.push(wordProblem(key, item, ['listening', 'notify'], reader.placeOf(path)));
      return [];
    }
    return [createEntryReader({ [item]: true }, path, reader.placeOf, reader.problems)];
  });
}

/** What holds for all checks of a list is said once. */
function onlyOne(entries: readonly EntryReader[], key: string): EntryReader | undefined {
  const [first, second] = entries.filter(({ map }) => map[key] !== undefined);
  if (second !== undefined)
    second.wrong(
      [...second.path, key],
      `duplicate key '${key}': it holds for all checks of the list`,
      'remove it',
      'key',
    );
  return first;
}

function readCheck(entry: EntryReader, owner: string, kinds: readonly Kind[]): readonly Check[] {
  const [kind, another] = kinds.filter((each) => entry.map[each] !== undefined);
  if (kind === undefined) {
    // An unknown key may be the misspelt one, and has been told.
    const isMisspelt = Object.keys(entry.map).some(
      (key) => !COMPANIONS.includes(key) && !key.startsWith('x-'),
    );
    if (!isMisspelt) entry.wrong(entry.path, `no check in '${owner}'`, `add one of ${kinds.join(', ')}`);
    return [];
  }
  if (another !== undefined) {
    const remedy = `use a list: [{${kind}: ...}, {${another}: ...}]`;
    entry.wrong(
      [...entry.path, another],
      `two checks in one entry: '${kind}' and '${another}'`,
      remedy,
      'key',
    );
  }
  const check = READERS[kind](entry);
  return check === undefined ? [] : [check];
}

const COMPANIONS = ['within', 'every', 'failures', 'action'];

const READERS: Readonly<Record<Kind, (entry: EntryReader) => Check | undefined>> = {
  listening: (entry) => {
    if (typeof entry.map['listening'] !== 'number')
      return isTrue(entry, 'listening') ? { kind: 'listening' } : undefined;
    const port = entry.integer('listening', 1, HIGHEST_PORT);
    return port === undefined ? undefined : { kind: 'listening', port };
  },
  tcp: readTcp,
  http: readHttp,
  exec: (entry) => {
    const command = readCommand(entry, 'exec')?.command;
    return command === undefined ? undefined : { kind: 'exec', command };
  },
  log: (entry) => {
    const pattern = readPattern(entry, 'log');
    return pattern === undefined ? undefined : { kind: 'log', pattern };
  },
  notify: (entry) => (isTrue(entry, 'notify') ? { kind: 'notify' } : undefined),
  fd: (entry) => {
    const fd = entry.integer('fd', 3, 1_023);
    return fd === undefined ? undefined : { kind: 'fd', fd };
  },
  delay: (entry) => {
    const ms = entry.duration('delay');
    return ms === undefined ? undefined : { kind: 'delay', ms };
  },
};

function isTrue(entry: EntryReader, key: string): boolean {
  const value = entry.flag(key);
  if (value === false)
    entry.wrong([...entry.path, key], `invalid value false for '${key}'`, 'use true, or remove the key');
  return value === true;
}

function readTcp(entry: EntryReader): Check | undefined {
  const value = entry.map['tcp'];
  if (typeof value === 'number') {
    const port = entry.integer('tcp', 1, HIGHEST_PORT);
    return port === undefined ? undefined : { kind: 'tcp', port };
  }
  const text = entry.text('tcp');
  if (text === undefined) return undefined;
  const [, bracketed, plain, digits = ''] = /^(?:(?:\[([^\]\s]+)\]|([^:\s]+)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (port >= 1 && port <= HIGHEST_PORT)
    return { kind: 'tcp', port, ...defined({ host: bracketed ?? plain }) };
  entry.wrong(
    [...entry.path, 'tcp'],
    `invalid address '${text}' for 'tcp'`,
    'use PORT or HOST:PORT, as in localhost:5432',
  );
  return undefined;
}

function readHttp(entry: EntryReader): Check | undefined {
  const below = entry.below('http');
  const target = readTarget(below ?? entry, below === undefined ? 'http' : 'url');
  if (below === undefined) return target === undefined ? undefined : { kind: 'http', target };
  const status = below.map['status'] === undefined ? undefined : readStatuses(below, 'status', 100, 599);
  const headers = below.map['headers'];
  const named = isMap(headers) ? headersOf(below, headers) : undefined;
  return target === undefined ? undefined : { kind: 'http', target, ...defined({ status, headers: named }) };
}

function readTarget(entry: EntryReader, key: string): string | undefined {
  const text = entry.text(key);
  if (text === undefined || text.startsWith('/')) return text;
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text;
  const remedy = /^[\w.-]+:\d+/.test(text)
    ? `use 'http://${text}'`
    : "use a path such as '/healthz', or a URL";
  entry.wrong([...entry.path, key], `invalid URL '${text}'`, remedy);
  return undefined;
}

function headersOf(
  entry: EntryReader,
  headers: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const path = [...entry.path, 'headers', name];
      if (typeof value !== 'string' && typeof value !== 'number') return [];
      const text = sourceOf(value, entry.placeOf(path));
      if (/^[!#$%&'*+.^`|~\w-]+$/.test(name) && !/[\0\r\n]/.test(text)) return [[name, text] as const];
      entry.wrong(path, `invalid header '${name}'`, 'use a name and a value of one line', 'key');
      return [];
    }),
  );
}

/** One number, or a list. */
export function readStatuses(
  entry: EntryReader,
  key: string,
  least: number,
  most: number,
): readonly number[] {
  return entry.list(key).flatMap(([item, path]) => {
    if (typeof item !== 'number') return [];
    if (Number.isInteger(item) && item >= least && item <= most) return [item];
    entry.wrong(
      path,
      `invalid status ${String(item)}`,
      `use an integer from ${String(least)} to ${String(most)}`,
    );
    return [];
  });
}

function readPattern(entry: EntryReader, key: string): string | undefined {
  const pattern = entry.text(key);
  if (pattern === undefined) return undefined;
  try {
    new RegExp(pattern);
    return pattern;
  } catch (error) {
    const why = (error as Error).message
      .replace(/^Invalid regular expression: \/.*\/\w*: /s, '')
      .toLowerCase();
    entry.wrong(
      [...entry.path, key],
      `invalid regular expression: ${why}`,
      'escape what is meant literally with \\',
    );
    return undefined;
  }
}
