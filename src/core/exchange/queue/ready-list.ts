/**
 * The order in which messages are given out: the highest priority first; within it those that were given back, in the
 * order in which they were put, then the others in the order in which they became ready. It does not know which of its
 * entries are still ready: the code that takes one must check.
 */
import { DueHeap } from './due-heap.ts';

interface Level {
  readonly returned: DueHeap;
  fresh: number[];
  /** Index of the first of `fresh` that was not taken. */
  first: number;
}

const COMPACT_AFTER = 4096;

export class ReadyList {
  readonly #levels = new Map<number, Level>();
  /** Highest first. */
  #priorities: number[] = [];

  push(priority: number, seq: number): void {
    this.#level(priority).fresh.push(seq);
  }

  giveBack(priority: number, seq: number): void {
    this.#level(priority).returned.push(0, seq);
  }

  /** The next one, which stays. Entries that are no longer ready are dropped. */
  peek(isReady: (seq: number) => boolean): number | undefined {
    for (const level of this.#inOrder()) {
      for (let seq = headOf(level); seq !== undefined; seq = headOf(level)) {
        if (isReady(seq)) return seq;
        drop(level);
      }
    }
    return undefined;
  }

  take(isReady: (seq: number) => boolean): number | undefined {
    const seq = this.peek(isReady);
    if (seq === undefined) return undefined;
    for (const level of this.#inOrder()) {
      if (headOf(level) === seq) {
        drop(level);
        return seq;
      }
    }
    return undefined;
  }

  /** In order, without taking. Those given back come in the order of a heap. */
  *[Symbol.iterator](): Generator<number> {
    for (const { returned, fresh, first } of this.#inOrder()) {
      yield* [...returned].sort((one, other) => one - other);
      for (let at = first; at < fresh.length; at += 1) yield fresh[at] ?? 0;
    }
  }

  *#inOrder(): Generator<Level> {
    for (const priority of this.#priorities) {
      const level = this.#levels.get(priority);
      if (level !== undefined) yield level;
    }
  }

  #level(priority: number): Level {
    const known = this.#levels.get(priority);
    if (known !== undefined) return known;
    const level = { returned: new DueHeap(), fresh: [], first: 0 };
    this.#levels.set(priority, level);
    this.#priorities = [...this.#levels.keys()].sort((one, other) => other - one);
    return level;
  }
}

const headOf = ({ returned, fresh, first }: Level): number | undefined => returned.firstSeq ?? fresh[first];

function drop(level: Level): void {
  if (level.returned.size > 0) {
    level.returned.pop();
    return;
  }
  level.first += 1;
  if (level.first < COMPACT_AFTER || level.first * 2 < level.fresh.length) return;
  level.fresh = level.fresh.slice(level.first);
  level.first = 0;
}
