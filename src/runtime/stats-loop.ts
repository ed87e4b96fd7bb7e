/**
 * Samples CPU and memory while there are watchers, and keeps a history of ten minutes.
 *
 * There is one sample at a time, shared by all requests meanwhile. One timer serves all watchers at the pace of the
 * fastest. It continues for a while after the last watcher has left, so that a returning one finds no gap. CPU times
 * belong to one run of an instance: another pid or start time begins anew.
 */
import { createUsageHistory, type UsageHistory, type UsageSeries } from '../core/usage-history.ts';
import { baselineOfStart, measureCpu, NOTHING_MEASURED, SHORTEST_SPAN_MS } from '../core/usage.ts';
import type { CpuBaseline, Usage } from '../core/usage.ts';
import type { Clock } from '../ports/clock.ts';
import type { Sampler, TreeReading } from '../ports/measuring.ts';

export interface RunningInstance {
  readonly pid: number;
  /** By `clock.now()`. */
  readonly startedAtMs: number;
}

/** By name of the instance: those that have a program now. */
export type RunningInstances = ReadonlyMap<string, RunningInstance>;
export type Usages = ReadonlyMap<string, Usage>;

export interface StatsLoopOptions {
  readonly sampler: Sampler;
  readonly clock: Clock;
  readonly roots: () => RunningInstances;
  /** Interval of a watcher without its own. Default: 1,000. */
  readonly intervalMs?: number;
  /** How long to continue after the last watcher has left. Default: 10,000. */
  readonly lingerMs?: number;
}

export interface History extends UsageSeries {
  /** Unix time of the last point, in milliseconds. */
  readonly endMs: number;
  readonly stepMs: number;
}

export interface StatsLoop {
  /** A fresh sample, or one not older than 200 ms of the same programs. Empty after `close`. */
  now(): Promise<Usages>;
  /**
   * Calls back at once when the first sample is there and then every `intervalMs` (at least 100), until the returned
   * function is called.
   */
  watch(listener: (usages: Usages) => void, intervalMs?: number): () => void;
  /** Ten minutes; only null for an instance that was never measured. */
  history(name: string): History;
  close(): void;
}

interface Track {
  readonly run: RunningInstance;
  readonly baseline: CpuBaseline;
}

interface Past {
  readonly points: UsageHistory;
  seenAtMs: number;
}

interface Watcher {
  readonly listener: (usages: Usages) => void;
  readonly intervalMs: number;
  dueAtMs: number;
}

interface Sample {
  readonly of: RunningInstances;
  readonly atMs: number;
  readonly usages: Promise<Usages>;
}

interface Timer {
  readonly dueAtMs: number;
  readonly cancel: () => void;
}

const SHORTEST_INTERVAL_MS = 100;
const STEP_MS = 1000;
const REMEMBERED_MS = 10 * 60_000;

export function createStatsLoop(options: StatsLoopOptions): StatsLoop {
  const { sampler, clock, roots, intervalMs: usualMs = 1000, lingerMs = 10_000 } = options;
  const watchers = new Set<Watcher>();
  const tracks = new Map<string, Track>();
  const pasts = new Map<string, Past>();
  let running: Sample | undefined;
  let latest: Sample | undefined;
  let timer: Timer | undefined;
  let lingerUntilMs = -Infinity;
  let isClosed = false;
  /** Samples of a steady pace fall into the middle of a second, so that each second has one. */
  let phaseMs = 0;

  const secondOf = (atMs: number): number => Math.floor((atMs - phaseMs) / STEP_MS);

  const measure = (
    name: string,
    run: RunningInstance,
    reading: TreeReading | undefined,
    atMs: number,
  ): Usage => {
    if (reading === undefined) return NOTHING_MEASURED;
    const track = tracks.get(name);
    const before =
      track !== undefined && isSameRun(track.run, run) ? track.baseline : baselineOfStart(run.startedAtMs);
    const { percent, baseline } = measureCpu(before, reading.cpuMs, atMs);
    tracks.set(name, { run, baseline });
    const { memoryBytes: memory, memoryKind, processes } = reading;
    return { cpu: percent, memory, memoryKind, processes };
  };

  const remember = (name: string, { cpu, memory }: Usage, atMs: number): void => {
    const past = pasts.get(name) ?? { points: createUsageHistory(), seenAtMs: atMs };
    past.points.push(secondOf(atMs), cpu, memory);
    past.seenAtMs = atMs;
    pasts.set(name, past);
  };

  const forget = (instances: RunningInstances): void => {
    for (const name of tracks.keys()) if (!instances.has(name)) tracks.delete(name);
    const agoMs = clock.now() - REMEMBERED_MS;
    for (const [name, { seenAtMs }] of pasts) if (seenAtMs < agoMs) pasts.delete(name);
  };

  const tell = (watcher: Watcher, usages: Usages, atMs: number): void => {
    // The timer of the fastest watcher does not match the times of the others exactly.
    if (!watchers.has(watcher) || atMs + SHORTEST_INTERVAL_MS / 2 < watcher.dueAtMs) return;
    watcher.dueAtMs = atMs + watcher.intervalMs;
    watcher.listener(usages);
  };

  const take = (instances: RunningInstances): Sample => {
    const atMs = clock.now();
    const usages = sampler
      .sample([...instances.values()].map(({ pid }) => pid))
      .then((readings) => {
        const measured = new Map<string, Usage>();
        if (isClosed) return measured;
        for (const [name, run] of instances) {
          const usage = measure(name, run, readings.get(run.pid), atMs);
          measured.set(name, usage);
          remember(name, usage, atMs);
        }
        forget(instances);
        latest = sample;
        for (const watcher of [...watchers]) tell(watcher, measured, atMs);
        return measured;
      })
      .finally(() => (running = undefined));
    const sample: Sample = { of: instances, atMs, usages };
    running = sample;
    return sample;
  };

  const now = async (): Promise<Usages> => {
    while (!isClosed) {
      const instances = roots();
      if (running === undefined) {
        const isFresh = latest !== undefined && clock.now() - latest.atMs < SHORTEST_SPAN_MS;
        return (isFresh && latest !== undefined && areSame(latest.of, instances) ? latest : take(instances))
          .usages;
      }
      if (areSame(running.of, instances)) return running.usages;
      await running.usages;
    }
    return new Map();
  };

  const paceMs = (): number | undefined => {
    if (watchers.size > 0) return Math.min(...[...watchers].map(({ intervalMs }) => intervalMs));
    return clock.now() < lingerUntilMs ? usualMs : undefined;
  };

  const schedule = (dueAtMs: number): void => {
    timer?.cancel();
    const own = {
      dueAtMs,
      cancel: clock.after(Math.max(0, dueAtMs - clock.now()), () => void tick(own)),
    };
    timer = own;
  };

  /** The next is due a pace after this one was due. A slow sample is followed by as long a rest as it took. */
  const tick = async (own: Timer): Promise<void> => {
    const beganAtMs = clock.now();
    if (paceMs() !== undefined) await (running ?? take(roots())).usages;
    if (timer !== own) return;
    timer = undefined;
    const pace = paceMs();
    const endedAtMs = clock.now();
    if (pace !== undefined) schedule(Math.max(own.dueAtMs + pace, endedAtMs + (endedAtMs - beganAtMs)));
  };

  const begin = (atMs: number): void => {
    phaseMs = (atMs + STEP_MS / 2) % STEP_MS;
    schedule(atMs);
  };

  /** Keeps the timer, unless a watcher needs it earlier. */
  const joinOthers = async (watcher: Watcher, { dueAtMs }: Timer, atMs: number): Promise<void> => {
    if (atMs + watcher.intervalMs < dueAtMs) schedule(atMs + watcher.intervalMs);
    tell(watcher, await now(), atMs);
  };

  return {
    now,
    watch(listener, intervalMs = usualMs) {
      if (isClosed) return () => undefined;
      const nowMs = clock.now();
      const watcher: Watcher = {
        listener,
        intervalMs: Math.max(SHORTEST_INTERVAL_MS, intervalMs),
        dueAtMs: nowMs,
      };
      watchers.add(watcher);
      if (timer === undefined) begin(nowMs);
      else void joinOthers(watcher, timer, nowMs);
      return () => {
        if (!watchers.delete(watcher) || watchers.size > 0) return;
        lingerUntilMs = clock.now() + lingerMs;
      };
    },
    history(name) {
      const nowMs = clock.now();
      // A second that has only begun has no point yet, and the line of a living program should not end in a gap.
      const isOfNow = latest !== undefined && secondOf(nowMs) - secondOf(latest.atMs) <= 1;
      const endSecond = secondOf(isOfNow && latest !== undefined ? latest.atMs : nowMs);
      const endAtMs = endSecond * STEP_MS + phaseMs + STEP_MS / 2;
      const points = pasts.get(name)?.points ?? createUsageHistory();
      return { ...points.read(endSecond), endMs: clock.wallNow() - (nowMs - endAtMs), stepMs: STEP_MS };
    },
    close() {
      isClosed = true;
      timer?.cancel();
      timer = undefined;
      watchers.clear();
    },
  };
}

const isSameRun = (one: RunningInstance, other: RunningInstance): boolean =>
  one.pid === other.pid && one.startedAtMs === other.startedAtMs;

function areSame(some: RunningInstances, others: RunningInstances): boolean {
  if (some.size !== others.size) return false;
  return [...some].every(([name, run]) => {
    const other = others.get(name);
    return other !== undefined && isSameRun(run, other);
  });
}
