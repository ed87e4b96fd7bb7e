/**
 * The memory of whole trees by /proc: `core/tree-memory.ts` decides what is read, this reads it.
 *
 * Small processes are read at once, for a few milliseconds of the event loop in one turn; large ones by the thread pool.
 * What a reading took counts against the budget, whatever was expected.
 */
import {
  fullBudget,
  memoryOf,
  refilled,
  spent,
  treesToRead,
  type MeasuredTree,
  type PssReading,
  type TreeMemory,
} from '../../core/tree-memory.ts';
import { systemClock } from '../clock.ts';
import { isQuick, readPss, readPssAtOnce, type PssResult, type ReadProcess } from './pss.ts';

export interface TreeToRead extends MeasuredTree {
  readonly members: readonly ReadProcess[];
}

export interface TreeMemories {
  /** By root. Roots that are not named are forgotten. */
  measure(trees: ReadonlyMap<number, TreeToRead>): Promise<ReadonlyMap<number, TreeMemory>>;
}

const LONGEST_TURN_MS = 2;

export function createTreeMemories(): TreeMemories {
  const readings = new Map<number, PssReading>();
  let budget = fullBudget(systemClock.now());

  /** Resolves to undefined where it cannot be read now. */
  const read = async (
    { members, born, youngest, processes, residentBytes }: TreeToRead,
    turn: Turn,
  ): Promise<PssReading | undefined> => {
    const reading = { born, youngest, processes, residentBytes, atMs: systemClock.now() };
    let pssBytes = 0;
    for (const member of members) {
      const result = await turn.read(member);
      if (result.is === 'unknown') return undefined;
      if (result.is === 'refused') return { ...reading, pssBytes: null };
      pssBytes += result.bytes;
    }
    return { ...reading, pssBytes };
  };

  return {
    async measure(trees) {
      for (const root of readings.keys()) if (!trees.has(root)) readings.delete(root);
      budget = refilled(budget, systemClock.now());
      const turn = createTurn();
      for (const root of treesToRead(trees, readings, budget)) {
        const tree = trees.get(root);
        if (tree === undefined || budget.leftMs <= 0) break;
        const beforeMs = turn.readMs;
        const reading = await read(tree, turn);
        budget = spent(budget, turn.readMs - beforeMs);
        if (reading !== undefined) readings.set(root, reading);
      }
      return new Map([...trees].map(([root, tree]) => [root, memoryOf(tree, readings.get(root))]));
    },
  };
}

interface Turn {
  read(member: ReadProcess): Promise<PssResult>;
  /** What the readings took. */
  readonly readMs: number;
}

/** Gives way whenever the readings of this turn of the event loop took long enough. */
function createTurn(): Turn {
  let readMs = 0;
  let turnEndsAtMs = LONGEST_TURN_MS;

  return {
    get readMs() {
      return readMs;
    },
    async read(member) {
      const isAtOnce = isQuick(member);
      if (isAtOnce && readMs >= turnEndsAtMs) {
        await new Promise<void>((resolve) => systemClock.after(0, resolve));
        turnEndsAtMs = readMs + LONGEST_TURN_MS;
      }
      const beganAtMs = systemClock.now();
      const result = isAtOnce ? readPssAtOnce(member) : await readPss(member);
      readMs += systemClock.now() - beganAtMs;
      if (!isAtOnce) turnEndsAtMs = readMs + LONGEST_TURN_MS;
      return result;
    },
  };
}
