/**
 * What the whole tree of a process may use, and what is done when it uses more. Looked at once a second, while such a process
 * runs; `docs/limits.md` says what is promised.
 */
export const WATCHED = ['memory', 'cpu', 'processes'] as const;
export type WatchedKind = (typeof WATCHED)[number];

export interface WatchedLimit {
  readonly kind: WatchedKind;
  /** Bytes, cores, or a number of processes: more is too much. */
  readonly max: number;
  /** How long it may use more. 0: the first look that finds it counts. */
  readonly forMs: number;
  readonly action: 'warn' | 'restart' | 'stop';
}

/** Set by the kernel for the program and its descendants, before it begins. */
export interface KernelLimits {
  /** Open files of a process. */
  readonly nofile?: number;
  /** Bytes of a core dump; Infinity: no limit. */
  readonly core?: number;
  /** Processes of its user. */
  readonly nproc?: number;
  /** Nice value, from -20 to 19. */
  readonly priority?: number;
}

export interface LimitsPlan {
  readonly watched: readonly WatchedLimit[];
  readonly kernel: KernelLimits;
  /** The kernel is to keep the watched ones as well, where it can. Default: false. */
  readonly enforce?: boolean;
}

/** In bytes, cores and processes; null where it cannot be told now. */
export type Used = { readonly [Kind in WatchedKind]: number | null };

/** An instance with limits at one look. */
export interface Look {
  readonly name: string;
  readonly process: string;
  /** The number of its run. */
  readonly run: number;
  /**
   * `settled`: it runs and is ready. `down`: it does not run, and will not by itself. Instances of a process are stopped one
   * at a time: the next when the last one is settled in a new run, or down.
   */
  readonly standing: 'settled' | 'unsettled' | 'down';
  readonly limits: readonly WatchedLimit[];
  /** Of a run; undefined: there is none. */
  readonly used: Used | undefined;
}

/** It uses more than it may, and has done so for long enough. */
export interface Excess {
  readonly name: string;
  readonly run: number;
  readonly limit: WatchedLimit;
  readonly used: number;
  readonly lastedMs: number;
}

/** It uses less again than a limit about which it was warned. */
export interface Recovery {
  readonly name: string;
  readonly limit: WatchedLimit;
  readonly used: number;
}

interface Standing {
  readonly run: number;
  /** Since when it uses more. */
  readonly over: ReadonlyMap<WatchedKind, number>;
  /** The limits that it was warned about, as they were then: one that a reload has changed is a new one. */
  readonly warned: ReadonlyMap<WatchedKind, WatchedLimit>;
  /** The run that was stopped for that, until a later one is settled; null: none. */
  readonly stopped: number | null;
}

export type LimitsState = ReadonlyMap<string, Standing>;

export const NEW_LIMITS: LimitsState = new Map();

/** Below this share of a limit the next excess is told anew. */
const RECOVERED = 0.9;

/** Up to so much resident memory, which is never less than the memory that counts, there is nothing to decide. */
export const memoryInDoubtFrom = (limits: readonly WatchedLimit[]): number =>
  (limits.find(({ kind }) => kind === 'memory')?.max ?? Infinity) * RECOVERED;

export interface Verdicts {
  readonly state: LimitsState;
  readonly excesses: readonly Excess[];
  readonly recoveries: readonly Recovery[];
}

export function lookAt(before: LimitsState, looks: readonly Look[], nowMs: number): Verdicts {
  const state = new Map<string, Standing>();
  const excesses: Excess[] = [];
  const recoveries: Recovery[] = [];
  const known = looks.map((look) => knownOf(before.get(look.name), look));
  const busy = new Set(looks.flatMap(({ process }, at) => (known[at]?.stopped === null ? [] : process)));
  for (const [at, { name, process, run, limits, used }] of looks.entries()) {
    const was = known[at] ?? NOTHING_KNOWN;
    if (used === undefined || was.stopped === run) {
      state.set(name, was);
      continue;
    }
    const over = new Map<WatchedKind, number>();
    const warned = new Map(was.warned);
    let { stopped } = was;
    for (const limit of limits) {
      const { kind, max, forMs, action } = limit;
      const value = used[kind];
      const since = was.over.get(kind);
      if (!isSame(warned.get(kind), limit)) warned.delete(kind);
      if (value === null) {
        if (since !== undefined) over.set(kind, since);
        continue;
      }
      if (value <= max) {
        if (value > max * RECOVERED || !warned.delete(kind)) continue;
        recoveries.push({ name, limit, used: value });
        continue;
      }
      over.set(kind, since ?? nowMs);
      const lastedMs = nowMs - (since ?? nowMs);
      if (lastedMs < forMs || warned.has(kind) || stopped === run) continue;
      if (action === 'warn') warned.set(kind, limit);
      else if (busy.has(process)) continue;
      else {
        stopped = run;
        busy.add(process);
      }
      excesses.push({ name, run, limit, used: value, lastedMs });
    }
    state.set(name, { run, over, warned, stopped });
  }
  return { state, excesses, recoveries };
}

const NOTHING_KNOWN: Standing = { run: 0, over: new Map(), warned: new Map(), stopped: null };

const isSame = (a: WatchedLimit | undefined, b: WatchedLimit): boolean =>
  a?.max === b.max && a.action === b.action;

/** A new run begins with nothing, but for what is not settled yet. */
function knownOf(before: Standing = NOTHING_KNOWN, { run, standing }: Look): Standing {
  const known = before.run === run ? before : { ...NOTHING_KNOWN, run, stopped: before.stopped };
  const isOver = standing === 'down' || (standing === 'settled' && known.stopped !== run);
  return isOver ? { ...known, stopped: null } : known;
}
