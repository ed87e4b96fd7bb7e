/** Reading what was recorded up to a moment: merged, in batches, and never for long in one turn of the event loop. */
import type { Clock } from '../ports/clock.ts';
import { createLogArchive } from './archive.ts';
import { nodeDisk, type LogDisk } from './disk.ts';
import { mergeLines } from './merge.ts';
import { isWanted, type LogEntry, type LogQuery } from './query.ts';
import { createRecorded, createRecordedLines, findStart, type Recorded } from './source.ts';
import { stampAt } from './stamp.ts';

/** Bytes read and scanned in one turn. */
const TURN_BYTES = 256 * 1024;
const BATCH_LINES = 1_000;
/** What is read at once of one process, and of all together. */
const PIECE_BYTES = 128 * 1024;
const LEAST_PIECE_BYTES = 16 * 1024;
const ALL_PIECES_BYTES = 2 * 1024 * 1024;

/** The logs of a project whose supervisor does not run, from its files alone. As `LogBook.read`. */
export function readLogFiles(
  directory: string,
  query: LogQuery,
  clock: Clock,
  disk: LogDisk = nodeDisk,
): AsyncGenerator<readonly LogEntry[]> {
  const archive = createLogArchive(disk, directory);
  const names = wantedNames(query, archive.names());
  const recorded = names.map((name) =>
    createRecorded({
      name,
      ring: undefined,
      archive,
      until: Number.MAX_SAFE_INTEGER,
      flush: () => undefined,
    }),
  );
  return readRecorded(recorded, query, clock);
}

export function wantedNames(query: LogQuery, all: Iterable<string>): readonly string[] {
  return [...all].filter((name) => isWanted(query, name));
}

export async function* readRecorded(
  recorded: readonly Recorded[],
  query: LogQuery,
  clock: Clock,
): AsyncGenerator<readonly LogEntry[]> {
  if (query.lines !== null && query.lines <= 0) return;
  const rest = createRest(clock);
  const starts: number[] = [];
  for (const each of recorded) {
    const looking = lookForStart(each, query);
    let step = looking.next();
    for (; step.done !== true; step = looking.next()) if (rest.isDue(step.value)) await rest.turn();
    starts.push(step.value);
  }

  const pieceBytes = Math.max(
    LEAST_PIECE_BYTES,
    Math.min(PIECE_BYTES, Math.floor(ALL_PIECES_BYTES / Math.max(1, recorded.length))),
  );
  const sinceStamp = sinceStampOf(query);
  const sources = recorded.map((each, at) =>
    createRecordedLines(each, starts[at] ?? -1, sinceStamp, pieceBytes),
  );
  const last = query.lines === null ? undefined : createLast(query.lines);
  let batch: LogEntry[] = [];
  for (const found of mergeLines(sources)) {
    if (typeof found !== 'number') {
      if (last === undefined) batch.push(found);
      else last.add(found);
    } else if (rest.isDue(found)) {
      if (batch.length > 0) yield batch;
      batch = [];
      await rest.turn();
    }
    if (batch.length < BATCH_LINES) continue;
    yield batch;
    batch = [];
  }
  for (const each of last?.batches() ?? [batch]) if (each.length > 0) yield each;
}

function sinceStampOf({ sinceMs }: LogQuery): number {
  return sinceMs === null ? 0 : stampAt(Math.ceil(sinceMs));
}

function* lookForStart(recorded: Recorded, query: LogQuery): Generator<number, number> {
  const { lines } = query;
  if (lines === null && query.sinceMs === null) return -1;
  return yield* findStart(recorded, lines, sinceStampOf(query));
}

function createRest(clock: Clock) {
  let spentBytes = 0;
  return {
    isDue(bytes: number): boolean {
      spentBytes += bytes;
      return spentBytes >= TURN_BYTES;
    },
    turn(): Promise<void> {
      spentBytes = 0;
      return new Promise((resolve) => void clock.after(0, resolve));
    },
  };
}

/** Keeps the last `count` lines, each as a copy, as it would else keep the whole piece that it was read in. */
function createLast(count: number) {
  const kept: LogEntry[] = [];
  let next = 0;
  return {
    add(entry: LogEntry): void {
      kept[next] = { ...entry, text: Buffer.from(entry.text) };
      next = (next + 1) % count;
    },
    *batches(): Generator<readonly LogEntry[]> {
      const ordered = [...kept.slice(next), ...kept.slice(0, next)];
      for (let at = 0; at < ordered.length; at += BATCH_LINES) yield ordered.slice(at, at + BATCH_LINES);
    },
  };
}
