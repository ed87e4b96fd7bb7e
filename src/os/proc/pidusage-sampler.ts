/**
 * The sampler for where there is no /proc: one `ps` says who belongs to whom, pidusage (which is another `ps` on macOS)
 * measures them. Children that lived between two samples are not counted, since no `ps` tells their time; on macOS a
 * member that left its parent and its process group is not either.
 */
import pidusage from 'pidusage';
import type { ProcessTime } from '../../core/usage.ts';
import type { Sampler, TreeReading } from '../../ports/measuring.ts';
import { systemClock } from '../clock.ts';
import { createCpuCounters } from './cpu-counter.ts';
import { listenersByLsof } from './listening.ts';
import { listProcesses, treeFinder, type ListedProcess } from './process-list.ts';

/**
 * For how long pidusage remembers a pid after the last question. On Linux that is a descriptor; `pidusage.clear` would
 * forget it without closing it, so `close` leaves it to its age.
 */
const REMEMBERED_MS = 3000;
/**
 * A remembered pid that belongs to another process now fails at every question, and every question renews the memory:
 * after a failure it is not asked for until it was forgotten.
 */
const REST_MS = 2 * REMEMBERED_MS;
/** Age comes in whole seconds on macOS, so the moment of birth moves a little. */
const SAME_BIRTH_MS = 2500;

const LSOF_LASTS_MS = 5000;

/** What failed is null or not there, whatever the types of pidusage say. */
type Measured = Readonly<Record<string, pidusage.Status | null | undefined>>;

export function createPidusageSampler(): Sampler {
  const counters = createCpuCounters();
  const restUntilMs = new Map<number, number>();
  let times: ReadonlyMap<number, ProcessTime> = new Map();
  let turn: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  let listeners: ReturnType<typeof listenersByLsof> | undefined;
  let listenersUntilMs = -Infinity;

  /** lsof takes up to a second of CPU time: `top` is content with what is a few seconds old. */
  const listenersSoon = (): ReturnType<typeof listenersByLsof> => {
    if (listeners === undefined || systemClock.now() > listenersUntilMs) {
      listeners = listenersByLsof();
      listenersUntilMs = systemClock.now() + LSOF_LASTS_MS;
    }
    return listeners;
  };

  const measure = async (pids: readonly number[]): Promise<Measured> => {
    const nowMs = systemClock.now();
    for (const [pid, untilMs] of restUntilMs) if (untilMs <= nowMs) restUntilMs.delete(pid);
    const asked = pids.filter((pid) => !restUntilMs.has(pid));
    const measured = await ask(asked);
    for (const pid of asked) if (measured[pid] == null) restUntilMs.set(pid, nowMs + REST_MS);
    return measured;
  };

  const timeOf = ({ pid }: ListedProcess, measured: Measured): ProcessTime | undefined => {
    const before = times.get(pid);
    const found = measured[pid];
    if (found == null) return before;
    const born = found.timestamp - found.elapsed;
    const isSame =
      before !== undefined && Math.abs(before.born - born) < SAME_BIRTH_MS && before.ownMs <= found.ctime;
    return { pid, born: isSame ? before.born : born, ownMs: found.ctime, reapedMs: 0 };
  };

  const readAll = async (roots: readonly number[]): Promise<ReadonlyMap<number, TreeReading>> => {
    const readings = new Map<number, TreeReading>();
    const all = await listProcesses();
    if (all === undefined || isClosed) return readings;
    const treeOf = treeFinder(all);
    const trees = new Map(roots.map((root) => [root, treeOf(root) ?? []]));
    const measured = await measure([...new Set([...trees.values()].flat().map(({ pid }) => pid))]);
    const timesNow = new Map<number, ProcessTime>();
    for (const [root, tree] of trees) {
      const known = tree.flatMap((member) => timeOf(member, measured) ?? []);
      for (const time of known) timesNow.set(time.pid, time);
      const born = timesNow.get(root)?.born;
      if (born === undefined) continue;
      readings.set(root, {
        cpuMs: counters.count(root, born, known),
        memoryBytes: tree.reduce((sum, { pid }) => sum + (measured[pid]?.memory ?? 0), 0),
        memoryKind: 'rss',
        processes: tree.filter(({ isZombie }) => !isZombie).length,
      });
    }
    counters.keepOnly(readings);
    times = timesNow;
    return readings;
  };

  return {
    sample(roots) {
      const reading = turn.then(() => (isClosed ? new Map<number, TreeReading>() : readAll(roots)));
      turn = reading.catch(() => undefined);
      return reading;
    },
    details: (roots) =>
      Promise.resolve(new Map(roots.map((root) => [root, { pssBytes: null, descriptors: null }]))),
    async listening(roots) {
      const [all, listeners] = [await listProcesses(), await listenersSoon()];
      const treeOf = treeFinder(all ?? []);
      return new Map(
        roots.map((root) => {
          const tree = new Set(treeOf(root)?.map(({ pid }) => pid));
          const ports = listeners?.flatMap(({ pid, port }) => (pid !== null && tree.has(pid) ? [port] : []));
          return [root, ports === undefined ? null : [...new Set(ports)].sort((a, b) => a - b)];
        }),
      );
    },
    close() {
      isClosed = true;
    },
  };
}

/** Fails when nobody is left. */
async function ask(pids: readonly number[]): Promise<Measured> {
  if (pids.length === 0) return {};
  try {
    return await pidusage([...pids], { maxage: REMEMBERED_MS });
  } catch {
    return {};
  }
}
