/** Reads `limits`: what a process may use. */
import type { KernelLimits, LimitsPlan, WatchedKind, WatchedLimit } from '../../core/limits/limits.ts';
import { defined, type EntryReader } from './entry.ts';
import { readSize } from './size.ts';

const FOR_MS: Readonly<Record<WatchedKind, number>> = { memory: 3000, cpu: 30_000, processes: 3000 };

const MOST_PROCESSES = 10_000_000;
const MOST_FILES = 1_000_000_000;

export function readLimits(reader: EntryReader): LimitsPlan | undefined {
  const below = reader.below('limits');
  if (below === undefined) return undefined;
  const watched = [
    readWatched(below, 'memory', (from, key) => readSize(from, key)),
    readWatched(below, 'cpu', readCores),
    readWatched(below, 'processes', (from, key) => from.integer(key, 1, MOST_PROCESSES)),
  ];
  const kernel: KernelLimits = defined({
    nofile: below.integer('nofile', 3, MOST_FILES),
    core: readCore(below),
    nproc: below.integer('nproc', 1, MOST_PROCESSES),
    priority: below.integer('priority', -20, 19),
  });
  const enforce = below.flag('enforce');
  return {
    watched: watched.filter((limit) => limit !== undefined),
    kernel,
    ...(enforce !== undefined && { enforce }),
  };
}

function readWatched(
  reader: EntryReader,
  kind: WatchedKind,
  readMax: (reader: EntryReader, key: string) => number | undefined,
): WatchedLimit | undefined {
  const below = reader.below(kind);
  const max = below === undefined ? readMax(reader, kind) : readMax(below, 'max');
  if (below !== undefined && below.map['max'] === undefined)
    below.wrong(below.path, `missing key 'max' of '${kind}'`, `add it, for example 'max: ${EXAMPLES[kind]}'`);
  if (max === undefined) return undefined;
  return {
    kind,
    max,
    forMs: below?.duration('for') ?? FOR_MS[kind],
    action: below?.word('action', ['warn', 'restart', 'stop']) ?? 'restart',
  };
}

const EXAMPLES: Readonly<Record<WatchedKind, string>> = { memory: '512MiB', cpu: '1.5', processes: '50' };

function readCores(reader: EntryReader, key: string): number | undefined {
  const value = reader.map[key];
  if (typeof value !== 'number') return undefined;
  if (Number.isFinite(value) && value > 0) return value;
  reader.wrong(
    [...reader.path, key],
    `invalid value ${String(value)} for '${key}'`,
    'use a number of cores above 0',
  );
  return undefined;
}

function readCore(reader: EntryReader): number | undefined {
  if (reader.map['core'] === 0) return 0;
  return reader.map['core'] === 'unlimited' ? Infinity : readSize(reader, 'core');
}
