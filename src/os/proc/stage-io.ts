/**
 * What the stages of a pipeline have read, written and used, from /proc, without touching their data.
 *
 * The kernel adds up for every process what its children had when it reaped them, so a stage's own numbers and those of
 * its living descendants are its whole tree. The last reading is the difficulty: Node reaps a child before it tells
 * of its end, and nothing of ours runs in between (a listener of SIGCHLD comes after libuv's own). But with the
 * reaping we have inherited the stage's numbers ourselves. So what our own account of reaped children has grown by
 * since is what that stage had in all, exactly, if it was the only child that was reaped meanwhile. Several stages that
 * end in the same turn of the event loop have only a sum, which is shared out among them in the proportions of their
 * last samples, and called approximate. Peak memory is not inherited: it is always that of the last sample.
 */
import type { StageMember } from '../../core/pipeline/stage-wait.ts';
import { kernelUnits } from './kernel-units.ts';
import { createProcTrees, type Tree } from './tree.ts';
import { membersOf, ownLinks } from './stage-members.ts';
import { namesOrNone, textOrNothing } from './proc-file.ts';
import { emptyStat } from './stat.ts';
import { createStatReader } from './stat-reader.ts';
import { directoryOf, readStat } from './threads.ts';

/** Of a stage and all that it has started. What a shell or the loader of programs reads counts as well. */
export interface StageReading {
  /**
   * By read(2) and write(2) and their like, on files, pipes and terminals; what was mapped into memory is not in it. A
   * byte more may have been written than the program knows of: libuv's, before it was started.
   */
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** In steps of 10 ms. */
  readonly cpuMs: number;
  /** The most memory (RSS) of its largest process, as far as it was seen. null: never seen. */
  readonly peakMemoryBytes: number | null;
}

export interface StageFigures extends StageReading {
  /** Bytes and time may be somewhat more or less: a part of them was not seen, or is a share in a sum. */
  readonly isApproximate: boolean;
}

export interface StageMeter {
  /** Of stages that live now. Those that are not readable (another user's) are left out. */
  sample(): ReadonlyMap<number, StageReading>;
  /** What the processes of the stages do that the last sample has found. */
  members(): ReadonlyMap<number, readonly StageMember[]>;
  add(pid: number): void;
  /** To be called in the turn in which its end is told; once. */
  ended(pid: number): void;
  /** Of all stages, ended or not. A turn of the event loop after the last `ended` they are final. */
  figures(): ReadonlyMap<number, StageFigures>;
  /** Releases the descriptors it keeps. */
  close(): void;
}

export interface StageMeterOptions {
  /**
   * This process has no other children that end meanwhile: else nothing is exact, for they would be counted as stages.
   * Default false.
   */
  readonly hasNoOtherChildren?: boolean;
  /** Calls back when the current turn of the event loop has told of all ends. */
  readonly afterTurn?: (callback: () => void) => void;
}

/** undefined where /proc does not tell. */
export function createStageMeter({
  hasNoOtherChildren = false,
  afterTurn = (callback) => void setImmediate(callback),
}: StageMeterOptions = {}): StageMeter | undefined {
  const msPerTick = 1000 / kernelUnits().ticksPerSecond;
  const reader = createStatReader(KEPT_DESCRIPTORS);
  const trees = createProcTrees(reader);
  const latest = new Map<number, StageReading>();
  const living = new Set<number>();
  const exact = new Set<number>();
  let grown: ReadonlyMap<number, Tree> = new Map();
  let endedNow: number[] = [];
  let inherited = inheritedByUs(msPerTick);
  if (inherited === undefined) return undefined;

  const sample = (): ReadonlyMap<number, StageReading> => {
    const readings = new Map<number, StageReading>();
    grown = trees.update([...living], 'forget');
    for (const [pid, tree] of grown) {
      const reading = readingOf(tree, msPerTick);
      if (reading !== undefined) readings.set(pid, later(latest.get(pid), reading));
    }
    for (const [pid, reading] of readings) latest.set(pid, reading);
    return readings;
  };

  const settle = (now: Account | undefined): void => {
    const pids = endedNow;
    endedNow = [];
    const before = inherited;
    if (now !== undefined) inherited = now;
    if (!hasNoOtherChildren || now === undefined || before === undefined) return;
    const seen = pids.map((pid) => latest.get(pid) ?? UNSEEN);
    const shares = shared(difference(now, before), seen);
    pids.forEach((pid, at) => {
      const { peakMemoryBytes } = seen[at] ?? UNSEEN;
      latest.set(pid, { ...(shares[at] ?? NOTHING), peakMemoryBytes });
      if (pids.length === 1) exact.add(pid);
    });
  };

  return {
    sample,
    members() {
      const own = ownLinks();
      return new Map([...grown].map(([pid, tree]) => [pid, membersOf(tree, own)]));
    },
    add(pid) {
      // Whoever was reaped up to now was no stage, and those that were have been told of.
      if (endedNow.length === 0) inherited = inheritedByUs(msPerTick) ?? inherited;
      living.add(pid);
    },
    ended(pid) {
      living.delete(pid);
      endedNow.push(pid);
      if (endedNow.length > 1) return;
      // All that this turn tells of were reaped before the first of them was told.
      const account = inheritedByUs(msPerTick);
      afterTurn(() => settle(account));
    },
    figures: () =>
      new Map([...latest].map(([pid, reading]) => [pid, { ...reading, isApproximate: !exact.has(pid) }])),
    close() {
      trees.update([], 'forget');
      reader.close();
    },
  };
}

const KEPT_DESCRIPTORS = 500;

interface Bytes {
  readonly readBytes: number;
  readonly writtenBytes: number;
}

interface Account extends Bytes {
  readonly cpuMs: number;
}

const NOTHING: Account = { readBytes: 0, writtenBytes: 0, cpuMs: 0 };
const UNSEEN: StageReading = { ...NOTHING, peakMemoryBytes: null };
const KEYS = ['readBytes', 'writtenBytes', 'cpuMs'] as const;

/**
 * The sum, shared out in the proportions in which they were last seen, or equally where nothing was seen. What is rounded
 * is each sum up to here: of shares rounded one by one the last would get what is left, which can be less than nothing.
 */
function shared(sum: Account, seen: readonly Account[]): readonly Account[] {
  const shares = seen.map((): Record<keyof Account, number> => ({ ...NOTHING }));
  for (const key of KEYS) {
    const total = seen.reduce((sofar, one) => sofar + one[key], 0);
    const whole = total === 0 ? seen.length : total;
    let [passed, given] = [0, 0];
    shares.forEach((share, at) => {
      passed += total === 0 ? 1 : (seen[at] ?? NOTHING)[key];
      share[key] = Math.round((sum[key] * passed) / whole) - given;
      given += share[key];
    });
  }
  return shares;
}

const difference = (now: Account, before: Account): Account => ({
  readBytes: now.readBytes - before.readBytes,
  writtenBytes: now.writtenBytes - before.writtenBytes,
  cpuMs: now.cpuMs - before.cpuMs,
});

/** A descendant that has left the tree takes its numbers with it: what was seen once stays. */
function later(before: StageReading | undefined, now: StageReading): StageReading {
  if (before === undefined) return now;
  return {
    readBytes: Math.max(before.readBytes, now.readBytes),
    writtenBytes: Math.max(before.writtenBytes, now.writtenBytes),
    cpuMs: Math.max(before.cpuMs, now.cpuMs),
    peakMemoryBytes: Math.max(before.peakMemoryBytes ?? 0, now.peakMemoryBytes ?? 0),
  };
}

/** What we have from children that we reaped: all of ours without what our own threads did. */
function inheritedByUs(msPerTick: number): Account | undefined {
  for (let attempt = 1; ; attempt += 1) {
    const before = ofOtherThreads();
    const whole = ioOf('/proc/self');
    const own = ioOf(`/proc/self/task/${process.pid}`);
    const cpuMs = reapedByUs(msPerTick);
    if (whole === undefined || own === undefined || cpuMs === undefined) return undefined;
    const after = ofOtherThreads();
    const isStill = before.readBytes === after.readBytes && before.writtenBytes === after.writtenBytes;
    if (!isStill && attempt < MOST_ATTEMPTS) continue;
    return {
      // Reading the whole is counted as ours, but not yet in what was read there.
      readBytes: whole.readBytes + whole.sizeBytes - own.readBytes - after.readBytes,
      writtenBytes: whole.writtenBytes - own.writtenBytes - after.writtenBytes,
      cpuMs,
    };
  }
}

/** Another thread that reads or writes meanwhile would be taken for a child; it is seldom as busy as that. */
const MOST_ATTEMPTS = 4;

function ofOtherThreads(): Bytes {
  let [readBytes, writtenBytes] = [0, 0];
  for (const thread of namesOrNone('/proc/self/task')) {
    const own = thread === String(process.pid) ? undefined : ioOf(`/proc/self/task/${thread}`);
    readBytes += own?.readBytes ?? 0;
    writtenBytes += own?.writtenBytes ?? 0;
  }
  return { readBytes, writtenBytes };
}

/** undefined when the root itself cannot be read. */
function readingOf(tree: Tree, msPerTick: number): StageReading | undefined {
  let [readBytes, writtenBytes, cpuMs, peakMemoryBytes] = [0, 0, 0, 0];
  for (const [at, { pid, stat }] of tree.entries()) {
    const own = ioOf(`/proc/${pid}`);
    if (own === undefined && at === 0) return undefined;
    readBytes += own?.readBytes ?? 0;
    writtenBytes += own?.writtenBytes ?? 0;
    cpuMs += (stat.ownTicks + stat.reapedTicks) * msPerTick;
    peakMemoryBytes = Math.max(peakMemoryBytes, peakOf(directoryOf(pid, stat)));
  }
  return { readBytes, writtenBytes, cpuMs, peakMemoryBytes };
}

/** `sizeBytes`: what it took to read it. */
function ioOf(path: string): (Bytes & { readonly sizeBytes: number }) | undefined {
  const content = textOrNothing(`${path}/io`);
  const [, read, written] = /^rchar: (\d+)\nwchar: (\d+)/.exec(content) ?? [];
  if (read === undefined || written === undefined) return undefined;
  return { readBytes: Number(read), writtenBytes: Number(written), sizeBytes: content.length };
}

/** CPU time of children that we have reaped. */
function reapedByUs(msPerTick: number): number | undefined {
  const stat = emptyStat();
  return readStat('self', stat).is === 'read' ? stat.reapedTicks * msPerTick : undefined;
}

/** A zombie has none. */
function peakOf(path: string): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(textOrNothing(`${path}/status`))?.[1] ?? 0) * 1024;
}
