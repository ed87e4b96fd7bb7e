/**
 * The memory of a process tree: what it costs the machine.
 *
 * The resident sizes (RSS) of several processes count what they share once for each: workers that were forked by a server
 * of 50 MiB have 50 MiB each. The proportional size (PSS) divides shared pages among those that map them, but the kernel
 * walks all pages of a process to tell it: 10 to 70 ms for each GiB, where the resident size takes microseconds. So the resident
 * size is read in each round, and PSS when it may have changed, within a budget. In between PSS is taken to
 * follow the resident size.
 */
export type MemoryKind = 'pss' | 'rss';

export interface TreeMemory {
  readonly bytes: number;
  /** `rss`: resident sizes, added up, where PSS is not known. */
  readonly kind: MemoryKind;
}

/** A tree as it is now. */
export interface MeasuredTree {
  /** Start time of its root: tells it from a later one of the same pid. Any unit. */
  readonly born: number;
  /** Start time of its youngest member: changes with the members. The same unit. */
  readonly youngest: number;
  /** Without zombies. */
  readonly processes: number;
  readonly residentBytes: number;
}

/** A tree when its PSS was read. */
export interface PssReading extends MeasuredTree {
  readonly atMs: number;
  /** null: the system refused to tell it. */
  readonly pssBytes: number | null;
}

/** What may be spent on reading, in milliseconds; less than nothing after a reading that took longer than expected. */
export interface ReadingBudget {
  readonly leftMs: number;
  readonly atMs: number;
}

/** Enough for the first answer about 3,000 small programs, or about 5 GiB. What would cost more is not read at all. */
const MOST_LEFT_MS = 100;
/** In the long run 1 % of a core. */
const SHARE_OF_TIME = 0.01;
const MS_PER_PROCESS = 0.03;
const MS_PER_MIB = 0.02;
const MIB = 1024 * 1024;

/** Pages stop to be shared when they are written, which no resident size shows. */
const SEVERAL_LAST_MS = 5000;
/** What one process shares with programs of other trees changes seldom. */
const ONE_LASTS_MS = 60_000;
const REFUSAL_LASTS_MS = 60_000;
/** Of the resident size, and at least 1 MiB: a smaller change is taken to be in proportion. */
const CHANGE_THAT_COUNTS = 1 / 8;

export const fullBudget = (nowMs: number): ReadingBudget => ({ leftMs: MOST_LEFT_MS, atMs: nowMs });

export const refilled = ({ leftMs, atMs }: ReadingBudget, nowMs: number): ReadingBudget => ({
  leftMs: Math.min(MOST_LEFT_MS, leftMs + (nowMs - atMs) * SHARE_OF_TIME),
  atMs: nowMs,
});

export const spent = (budget: ReadingBudget, ms: number): ReadingBudget => ({
  ...budget,
  leftMs: budget.leftMs - ms,
});

/** What the reading of a tree, or of a process, may take. */
export const expectedMs = ({
  processes,
  residentBytes,
}: Pick<MeasuredTree, 'processes' | 'residentBytes'>): number =>
  processes * MS_PER_PROCESS + (residentBytes / MIB) * MS_PER_MIB;

/** The memory of a tree by its last reading. */
export function memoryOf(tree: MeasuredTree, reading: PssReading | undefined): TreeMemory {
  const { residentBytes } = tree;
  if (reading === undefined || reading.pssBytes === null || !tellsOf(reading, tree))
    return { bytes: residentBytes, kind: 'rss' };
  const share = Math.min(1, reading.pssBytes / Math.max(1, reading.residentBytes));
  return { bytes: Math.round(residentBytes * share), kind: 'pss' };
}

/**
 * Not of a tree that has more processes now: those that were forked since then share what was one process's own. Nor of
 * one that has lost most: what was shared is the own of the others now.
 */
const tellsOf = (reading: PssReading, tree: MeasuredTree): boolean =>
  reading.born === tree.born &&
  tree.processes <= reading.processes &&
  2 * tree.processes >= reading.processes;

/**
 * The trees of which PSS is to be read now, in this order: those without a reading that tells
 * of them, the largest first, then those with the oldest one.
 */
export function treesToRead<Root>(
  trees: ReadonlyMap<Root, MeasuredTree>,
  readings: ReadonlyMap<Root, PssReading>,
  { leftMs, atMs: nowMs }: ReadingBudget,
): readonly Root[] {
  const due = [...trees]
    .filter(([root, tree]) => isDue(tree, readings.get(root), nowMs))
    .map(([root, tree]) => ({ root, tree, readAtMs: readAtMs(tree, readings.get(root)) }));
  due.sort(
    (one, other) => one.readAtMs - other.readAtMs || other.tree.residentBytes - one.tree.residentBytes,
  );
  let left = leftMs;
  return due.flatMap(({ root, tree }) => {
    const ms = expectedMs(tree);
    if (ms > left) return [];
    left -= ms;
    return root;
  });
}

const NEVER_MS = -Number.MAX_VALUE;

const readAtMs = (tree: MeasuredTree, reading: PssReading | undefined): number =>
  reading !== undefined && tellsOf(reading, tree) ? reading.atMs : NEVER_MS;

function isDue(tree: MeasuredTree, reading: PssReading | undefined, nowMs: number): boolean {
  if (tree.processes === 0) return false;
  if (reading?.born !== tree.born) return true;
  const ageMs = nowMs - reading.atMs;
  if (reading.pssBytes === null) return ageMs >= REFUSAL_LASTS_MS;
  if (reading.processes !== tree.processes || reading.youngest !== tree.youngest) return true;
  const change = Math.abs(tree.residentBytes - reading.residentBytes);
  if (change > Math.max(MIB, reading.residentBytes * CHANGE_THAT_COUNTS)) return true;
  return ageMs >= (tree.processes > 1 ? SEVERAL_LAST_MS : ONE_LASTS_MS);
}
