/**
 * What earlier runs of an instance have left in sessions of their own, which nobody tells us of: programs that have made
 * themselves daemons. They may live on while their instance has ended, but it is not started again beside them, and a stop
 * of it stops them.
 *
 * A look at all processes takes milliseconds, and one serves all who wait for one. The first look is made at once; the
 * next one waits, so that no more than a fourth of the time is spent on looking: a restart of one costs one look, that of a
 * hundred a few. The first process of each run that lives is passed over: it is no earlier run's, and its pid is nobody
 * else's until we have heard of its end.
 */
import type { InstanceFact } from '../core/events.ts';
import type { Carrier, ProcessGroups } from '../ports/processes.ts';
import type { Clock } from '../ports/clock.ts';
import type { StopSignals } from './stop-signals.ts';
import { sweep } from './sweep.ts';

export interface EarlierRuns {
  /** A run of it begins with this process. */
  begin(name: string, pid: number): void;
  /** That process has ended. */
  end(pid: number): void;
  /** Calls back, at once if it can, when nothing of its earlier runs is left, or could not be stopped. No run of it may live. */
  clear(name: string, cleared: () => void): void;
  /** As `clear`, and leaves alone whatever runs again when its turn comes. */
  clearStopped(names: readonly string[]): Promise<void>;
  /**
   * Its run, in the session `leader`, has ended at once and with success: says so if it has made itself a daemon. `now`: what
   * is left of it is about to be stopped.
   */
  suspect(name: string, leader: number, when: 'now' | 'soon'): void;
  /** The run of all ends: says so now. True: it has looked, and nothing of any run is left for certain. */
  tellSuspects(): boolean;
  /** It is no member any more: what it has left is stopped. */
  forget(name: string): void;
}

export interface EarlierRunsOptions {
  readonly runTag: string;
  readonly processGroups: Pick<ProcessGroups, 'carriers'>;
  readonly stopSignals: StopSignals;
  readonly clock: Clock;
  /** How long what is left of it gets to stop. */
  readonly graceMs: (name: string) => number;
  /** Whether a run of it lives, or is about to. */
  readonly isAlive: (name: string) => boolean;
  readonly record: (name: string, fact: InstanceFact) => void;
}

interface Waiting {
  readonly name: string;
  readonly isForStart: boolean;
  readonly cleared: () => void;
}

type Found = ReadonlyMap<string, readonly Carrier[]>;

/** After a look that took a millisecond the next one waits for three. */
const REST = 3;
/** A daemon is in its own session by then. Those that end meanwhile are looked for together. */
const SUSPECT_MS = 300;

export function createEarlierRuns(options: EarlierRunsOptions): EarlierRuns {
  const { runTag, processGroups, stopSignals, clock, graceMs, isAlive, record } = options;
  const begun = new Set<string>();
  const living = new Set<number>();
  const waiting: Waiting[] = [];
  /** By name: those who wait until nothing of it is left. */
  const sweeping = new Map<string, Waiting[]>();
  /** By name: the session of the run. */
  const suspects = new Map<string, number>();
  let nextLookMs = -Infinity;
  let isLookDue = false;
  /** The latest look has seen all, and found nothing. */
  let isNobodyLeft = false;
  let cancelSuspicion: (() => void) | undefined;

  const look = (): Found => {
    const beganMs = clock.now();
    const found = new Map<string, Carrier[]>();
    const { carriers, missed } = processGroups.carriers(runTag, living);
    isNobodyLeft = carriers.length === 0 && living.size === 0 && missed === null;
    for (const carrier of carriers) {
      const ofInstance = found.get(carrier.instance);
      if (ofInstance === undefined) found.set(carrier.instance, [carrier]);
      else ofInstance.push(carrier);
    }
    const endedMs = clock.now();
    nextLookMs = endedMs + REST * (endedMs - beganMs);
    tellSuspects(found);
    return found;
  };

  /** A later run of a suspect is not among them: before it begins there is a look. */
  const tellSuspects = (found: Found): void => {
    for (const [name, leader] of suspects) {
      const apart = (found.get(name) ?? []).filter(({ session }) => session !== leader);
      const daemon = apart.find(({ pid, session }) => pid === session) ?? apart[0];
      if (daemon === undefined) continue;
      suspects.delete(name);
      record(name, { type: 'daemonized', program: daemon.program, pid: daemon.pid });
    }
  };

  const endSuspicion = (): boolean => {
    cancelSuspicion?.();
    cancelSuspicion = undefined;
    if (suspects.size === 0) return false;
    look();
    suspects.clear();
    return isNobodyLeft;
  };

  const serve = (): void => {
    isLookDue = false;
    const served = waiting.splice(0);
    const found = look();
    for (const one of served) {
      if (one.isForStart) suspects.delete(one.name);
      const others = sweeping.get(one.name);
      if (others !== undefined) others.push(one);
      else if (!found.has(one.name) || (!one.isForStart && isAlive(one.name))) one.cleared();
      else void stop(one);
    }
  };

  const stop = async (first: Waiting): Promise<void> => {
    const { name } = first;
    const waiters = [first];
    sweeping.set(name, waiters);
    record(name, { type: 'clearing' });
    await sweep(stopSignals, `${runTag}${name}:`, graceMs(name), clock);
    sweeping.delete(name);
    for (const { cleared } of waiters) cleared();
  };

  const wait = (some: readonly Waiting[]): void => {
    waiting.push(...some);
    if (isLookDue || some.length === 0) return;
    const restMs = nextLookMs - clock.now();
    if (restMs <= 0) return serve();
    isLookDue = true;
    clock.after(restMs, serve);
  };

  const clearStopped = async (names: readonly string[]): Promise<void> => {
    const stopped = names.filter((name) => begun.has(name) && !isAlive(name));
    const all = stopped.map((name) => {
      let cleared = (): void => undefined;
      const done = new Promise<void>((resolve) => (cleared = resolve));
      return { waiting: { name, isForStart: false, cleared }, done };
    });
    wait(all.map((one) => one.waiting));
    await Promise.all(all.map(({ done }) => done));
  };

  return {
    begin(name, pid) {
      begun.add(name);
      living.add(pid);
    },
    end: (pid) => void living.delete(pid),
    clear(name, cleared) {
      if (begun.has(name)) wait([{ name, isForStart: true, cleared }]);
      else cleared();
    },
    clearStopped,
    suspect(name, leader, when) {
      suspects.set(name, leader);
      if (when === 'soon') cancelSuspicion ??= clock.after(SUSPECT_MS, endSuspicion);
      else look();
    },
    tellSuspects: endSuspicion,
    forget: (name) => void clearStopped([name]),
  };
}
