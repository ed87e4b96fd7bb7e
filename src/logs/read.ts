/** Reading what was recorded up to a moment: merged, in batches, and never for long in one turn of the event loop. */
import type { Clock } from '../ports/clock.ts';
import { createLogArchive } from './archive.ts';
import { nodeDisk, type LogDisk } from './disk.ts';
import { mergeLines } from './merge.ts';
import { wantedNames, type LogEntry, type LogQuery } from './query.ts';
import { createRecorded, createRecordedLines, type Recorded } from './source.ts';
import { lastStampIn } from './archive.ts';
import { findLast } from './last.ts';
import { LINE_COST_BYTES } from './merge.ts';
import type { LineSource } from './merge.ts';
import { startFor } from './source.ts';
import type { Since } from './source.ts';
import { createLogStamps } from './stamp.ts';
import type { LogStamps } from './stamp.ts';
import { createLogTurns } from './turns.ts';
import type { LogTurns } from './turns.ts';

const BATCH_LINES = 100;
/** What is read at once of one process, and of all together. */
const PIECE_BYTES = 128 * 1024;
const LEAST_PIECE_BYTES = 16 * 1024;
const ALL_PIECES_BYTES = 2 * 1024 * 1024;
/** The last lines are kept until all have been seen, if they are no more than this. */
const MOST_KEPT_BYTES = 64 * 1024;

/** The logs of a project whose supervisor does not run, from its files alone. As `LogBook.read`. */
export function readLogFiles(
  directory: string,
  query: LogQuery,
  clock: Clock,
  disk: LogDisk = nodeDisk,
): AsyncGenerator<readonly LogEntry[]> {
  const archive = createLogArchive(disk, directory);
  const names = wantedNames(query, archive.names());
  const stamps = createLogStamps(clock);
  stamps.raise(lastStampIn(disk, directory));
  const recorded = names.map((name) =>
    createRecorded({
      name,
      ring: undefined,
      archive,
      until: Number.MAX_SAFE_INTEGER,
      flush: () => undefined,
    }),
  );
  return readRecorded(recorded, query, { stamps, turns: createLogTurns(clock) });
}

/** What all readers of one book have in common. */
export interface Reading {
  readonly stamps: LogStamps;
  readonly turns: LogTurns;
}

export async function* readRecorded(
  recorded: readonly Recorded[],
  query: LogQuery,
  { stamps, turns }: Reading,
): AsyncGenerator<readonly LogEntry[]> {
  const { lines, sinceMs, afterStamp = -1 } = query;
  if (lines !== null && lines <= 0) return;
  const sinceStamp = Math.max(afterStamp + 1, sinceMs === null ? 0 : stamps.since(sinceMs));
  const stamp = lines === null ? sinceStamp : await inTurns(findLast(recorded, lines, sinceStamp), turns);
  const since: Since = { stamp, wallMs: sinceMs ?? -Infinity };
  if (lines === null) yield* readSince(recorded, since, turns);
  else yield* readLast(recorded, since, lines, turns);
}

/** What comes of a search that tells what each of its steps costs. */
async function inTurns<T>(search: Generator<number, T>, turns: LogTurns): Promise<T> {
  for (;;) {
    if (turns.isOver) await turns.next();
    const step = search.next();
    if (step.done === true) return step.value;
    turns.spend(step.value);
  }
}

async function* readSince(
  recorded: readonly Recorded[],
  since: Since,
  turns: LogTurns,
): AsyncGenerator<readonly LogEntry[]> {
  const share = Math.floor(ALL_PIECES_BYTES / Math.max(1, recorded.length));
  const pieceBytes = Math.max(LEAST_PIECE_BYTES, Math.min(PIECE_BYTES, share));
  const sources: LineSource[] = [];
  for (const each of recorded) {
    if (turns.isOver) await turns.next();
    const start = since.stamp === 0 ? -1 : startFor(each, since.stamp);
    sources.push(createRecordedLines(each, start, since, pieceBytes));
    turns.spend(LINE_COST_BYTES);
  }

  let batch: LogEntry[] = [];
  const merged = mergeLines(sources);
  for (;;) {
    if (turns.isOver) {
      if (batch.length > 0) yield batch;
      batch = [];
      await turns.next();
    }
    const found = merged.next();
    if (found.done === true) break;
    if (typeof found.value === 'number') turns.spend(found.value);
    else batch.push(found.value);
    if (batch.length < BATCH_LINES) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/**
 * The last `count` of the lines since then, of which there are a few more. If they are too many to be kept until their
 * number is known, they are counted first and then read again.
 */
async function* readLast(
  recorded: readonly Recorded[],
  since: Since,
  count: number,
  turns: LogTurns,
): AsyncGenerator<readonly LogEntry[]> {
  const last = createLast(count);
  let extra = -count;
  const beginsLine = createLineStarts();
  for await (const batch of readSince(recorded, since, turns)) {
    extra += batch.filter(beginsLine).length;
    for (const entry of batch) last.add(entry);
  }
  const kept = last.entries();
  if (kept !== undefined) {
    for (let at = 0; at < kept.length; at += BATCH_LINES) yield kept.slice(at, at + BATCH_LINES);
    return;
  }
  const beginsAgain = createLineStarts();
  const skipped = new Set<string>();
  for await (const batch of readSince(recorded, since, turns)) {
    const wanted = batch.filter((entry) => {
      if (!beginsAgain(entry)) return !skipped.has(entry.name);
      if (extra > 0) skipped.add(entry.name);
      else skipped.delete(entry.name);
      extra -= 1;
      return extra < 0;
    });
    if (wanted.length > 0) yield wanted;
  }
}

/** Whether an entry begins a line: it is not so after an unfinished one of the same name. */
function createLineStarts(): (entry: LogEntry) => boolean {
  const open = new Set<string>();
  return ({ name, unfinished }) => {
    const begins = !open.has(name);
    if (unfinished === undefined) open.delete(name);
    else open.add(name);
    return begins;
  };
}

/** Keeps the last `count` lines, none of which is so long that it comes in pieces, each as a copy, as it would else keep the whole piece that it was read in. */
function createLast(count: number) {
  let kept: LogEntry[] | undefined = [];
  let keptBytes = 0;
  let next = 0;
  const costOf = (entry: LogEntry | undefined): number =>
    entry === undefined ? 0 : entry.text.length + LINE_COST_BYTES;
  return {
    add(entry: LogEntry): void {
      if (kept === undefined) return;
      keptBytes += costOf(entry) - costOf(kept[next]);
      kept[next] = { ...entry, text: Buffer.from(entry.text) };
      next = (next + 1) % count;
      if (keptBytes > MOST_KEPT_BYTES) kept = undefined;
    },
    /** Undefined: they were too many. */
    entries: (): readonly LogEntry[] | undefined => kept && [...kept.slice(next), ...kept.slice(0, next)],
  };
}
