/**
 * Which processes are older than a moment, by their pids alone. Linux hands out pids in turn, and from the lowest again when
 * it has reached the largest. Between two moments that are no such round apart, all that was started has a pid between
 * the newest of the one and that of the other. Processes that CRIU restores choose their pids: such a run is none of ours.
 */

/** At one moment, as /proc tells it. Threads have pids as well. */
export interface PidCount {
  /** Of the process or thread that was made last, in our pid namespace. */
  readonly newest: number;
  /** All that were made since the boot, in all namespaces. */
  readonly made: number;
  /** All that exist: their pids are passed over. */
  readonly existing: number;
}

/** Pids that a fork has taken and that failed are not counted as made: so a round is taken for possible long before it is. */
const SAFE_PART = 1 / 4;

/**
 * Tells of a pid that it was in use at the first moment already, and cannot have been handed out later. Undefined: nothing can
 * be told. `largest`: kernel.pid_max.
 */
export function olderThan(
  before: PidCount,
  now: PidCount,
  largest: number,
): ((pid: number) => boolean) | undefined {
  const made = now.made - before.made;
  const handedOut = now.newest - before.newest;
  // More pids than processes: forks have failed, or one of the two is not what it should be.
  if (!(handedOut >= 0 && made >= handedOut)) return undefined;
  if (!(made + Math.max(before.existing, now.existing) < largest * SAFE_PART)) return undefined;
  return (pid) => pid <= before.newest || pid > now.newest;
}
