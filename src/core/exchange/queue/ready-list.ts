/**
 * The order in which messages are given out: the highest priority first; within it those that were given back, in the
 * order in which they were put, then the others in the order in which they became ready. It does not know which of its
 * entries are still ready: the code that takes one must check.
 */
import { DueHeap } from './due-heap.ts';
import { SeqRuns } from './seq-runs.ts';

interface Level {
  readonly returned: DueHeap;
  readonly fresh: SeqRuns;
}

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

  /** The next one. Entries that are no longer ready are dropped. */
  take(isReady: (seq: number) => boolean): number | undefined {
    for (const priority of this.#priorities) {
      const level = this.#level(priority);
      for (let seq = headOf(level); seq !== undefined; seq = headOf(level)) {
        drop(level);
        if (isReady(seq)) return seq;
      }
    }
    return undefined;
  }

  /** In order, without taking. Those given back come in the order of a heap. */
  *[Symbol.iterator](): Generator<number> {
    for (const priority of this.#priorities) {
      const { returned, fresh } = this.#level(priority);
      yield* [...returned].sort((one, other) => one - other);
      yield* fresh;
    }
  }

  #level(priority: number): Level {
    const known = this.#levels.get(priority);
    if (known !== undefined) return known;
    const level = { returned: new DueHeap(), fresh: new SeqRuns() };
    this.#levels.set(priority, level);
    this.#priorities = [...this.#levels.keys()].sort((one, other) => other - one);
    return level;
  }
}

const headOf = ({ returned, fresh }: Level): number | undefined => returned.firstSeq ?? fresh.first;

function drop({ returned, fresh }: Level): void {
  if (returned.size > 0) returned.pop();
  else fresh.shift();
}
