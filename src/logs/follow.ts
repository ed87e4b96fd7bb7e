/**
 * Reading along. A follower has a cursor in each ring and takes from there when it likes; no writer waits for it, and
 * nothing is kept for it: a ring that has to forget what it has not read yet counts the lines for it instead.
 */
import type { Clock } from '../ports/clock.ts';
import { createLogLines, type LogLine } from './lines.ts';
import { LINE_COST_BYTES, mergeLines, type LineSource } from './merge.ts';
import { isWanted, type LogEntry, type LogQuery } from './query.ts';
import type { LogRing } from './ring.ts';
import { entryOf } from './source.ts';

const PIECE_BYTES = 16 * 1024;
/** So that lines that come one by one are taken together. */
const WAKE_MS = 1;
/** What is looked at in one `take`. */
const TAKE_BYTES = 256 * 1024;
/** After this time what there is of a line is given to those who want it. */
const LATE_MS = 500;

export interface FollowQuery extends Pick<LogQuery, 'names'> {
  /** A line whose end does not come is given as well, in pieces. */
  readonly late?: boolean | undefined;
}

export interface LogFollower {
  /**
   * At most `most` of the lines that came since, and how many lines of the wanted processes were overwritten before
   * they could be taken. Fewer than `most` does not mean that nothing is left: then `wake` is called again.
   */
  take(most: number): { readonly entries: readonly LogEntry[]; readonly missed: number };
  close(): void;
}

/** What the book does with a follower. */
export interface OpenFollower extends LogFollower {
  wants(name: string): boolean;
  add(ring: LogRing): void;
  /** Nothing more will come; what is there can still be taken. */
  leave(ring: LogRing): void;
  /** There may be something new. */
  notify(): void;
}

interface FollowedRing extends LineSource {
  readonly ring: LogRing;
  /** When what there is of its open line is to be given; Infinity: never. */
  readonly dueMs: number;
  /** How many lines were missed since the last time. */
  takeMissed(): number;
  isLeft: boolean;
  close(): void;
}

export function createFollower(query: FollowQuery, clock: Clock, wake: () => void): OpenFollower {
  let sources: FollowedRing[] = [];
  let cancelWake: (() => void) | undefined;
  let cancelLate: (() => void) | undefined;
  let isAwaited = false;
  let isClosed = false;

  /** In a turn of its own: a writer is not held up by a reader. */
  const notify = (): void => {
    if (isAwaited || isClosed) return;
    isAwaited = true;
    cancelWake = clock.after(WAKE_MS, wake);
  };

  const notifyWhenDue = (): void => {
    const dueMs = sources.reduce((first, source) => Math.min(first, source.dueMs), Infinity);
    if (dueMs < Infinity) cancelLate = clock.after(Math.max(0, dueMs - clock.now()), notify);
  };

  const letGo = (source: FollowedRing): boolean => {
    const isOver = source.isLeft && source.entry === undefined && source.step() === 0;
    if (isOver) source.close();
    return isOver;
  };

  return {
    wants: (name) => isWanted(query, name),
    add: (ring) => void sources.push(createFollowedRing(ring, query.late === true ? clock : undefined)),
    leave(ring) {
      for (const source of sources) if (source.ring === ring) source.isLeft = true;
    },
    notify,

    take(most) {
      cancelWake?.();
      cancelLate?.();
      isAwaited = false;
      const entries: LogEntry[] = [];
      let spentBytes = 0;
      let isRest = most <= 0;
      const merged = mergeLines(sources);
      while (!isRest) {
        const found = merged.next();
        if (found.done === true) break;
        if (typeof found.value === 'number') spentBytes += found.value;
        else entries.push(found.value);
        isRest = entries.length >= most || spentBytes >= TAKE_BYTES;
      }
      const missed = sources.reduce((sum, source) => sum + source.takeMissed(), 0);
      sources = sources.filter((source) => !letGo(source));
      if (isRest) notify();
      else notifyWhenDue();
      return { entries, missed };
    },

    close() {
      isClosed = true;
      cancelWake?.();
      cancelLate?.();
      for (const source of sources) source.close();
      sources = [];
    },
  };
}

/** `lateClock`: by which lines become late, if they do. */
function createFollowedRing(ring: LogRing, lateClock: Clock | undefined): FollowedRing {
  const cursor = ring.follow();
  const lines = createLogLines();
  /** The rest of a line whose beginning was overwritten. */
  let isInRest = false;
  let missedRests = 0;
  let toldLines = 0;
  let dueMs = Infinity;
  /** The open line for which `dueMs` was set, and what there was of it when nothing of it could be given. */
  let dueOf = 0;
  let stuckBytes = 0;

  /** What there is of a line that is late. Only when all that was recorded has been read. */
  const lateLine = (): LogLine | undefined => {
    if (lateClock === undefined || isInRest) return undefined;
    if (lines.heldBytes === 0) {
      dueMs = Infinity;
    } else if (lines.begun !== dueOf || (dueMs === Infinity && lines.heldBytes !== stuckBytes)) {
      dueOf = lines.begun;
      dueMs = lateClock.now() + LATE_MS;
    } else if (lateClock.now() >= dueMs) {
      dueMs = Infinity;
      stuckBytes = lines.heldBytes;
      return lines.takeLate();
    }
    return undefined;
  };

  const nextLine = (): LogLine | undefined => {
    for (let line = lines.next(); line !== undefined; line = lines.next()) {
      if (!isInRest) return line;
      if (!line.isFinished) continue;
      isInRest = false;
      missedRests += 1;
    }
    return undefined;
  };

  const source: FollowedRing = {
    ring,
    entry: undefined,
    isLeft: false,
    get dueMs() {
      return dueMs;
    },

    step() {
      const line = nextLine() ?? (cursor.record === ring.endRecord ? lateLine() : undefined);
      if (line !== undefined) {
        source.entry = entryOf(ring.name, line);
        return LINE_COST_BYTES;
      }
      if (cursor.isBroken) {
        cursor.isBroken = false;
        lines.drop(cursor.isMidLine);
        isInRest = cursor.isMidLine;
      }
      const segments = ring.pull(cursor, PIECE_BYTES);
      lines.feed(segments);
      return segments.reduce((sum, { bytes }) => sum + bytes.length, segments.length);
    },

    takeMissed() {
      const missed = cursor.missedLines + missedRests - toldLines;
      toldLines += missed;
      return missed;
    },

    close: () => ring.unfollow(cursor),
  };
  return source;
}
