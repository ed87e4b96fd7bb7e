import type { SignalName } from '../../core/process/signals.ts';
import type { Found, Presence, ProcessGroups } from '../../ports/processes.ts';
import { searchCarriers } from '../proc/carriers.ts';
import { searchGroup, searchRun, thisMoment } from '../proc/search.ts';
import { ignoresSignal, lookAt, secondsSinceBoot } from '../proc/seen.ts';
import { TAG_LIMITS, type RunLimits } from './run-limits.ts';
import { noReserve, type DescriptorReserve } from './descriptor-reserve.ts';
import { probe, sendSignal } from './send-signal.ts';

/**
 * Finds and signals process groups, and processes that left them: by PROCSUP_RUN_ID in their environment (proc(5)), and by
 * their limit of file locks. `limits`: those that the launcher sets. `whose`: only runs that
 * this process starts from now on are asked for, or any.
 */
export function createProcessGroups(
  reserve: Pick<DescriptorReserve, 'use'> = noReserve,
  limits: RunLimits = TAG_LIMITS,
  whose: 'own' | 'any' = 'any',
): ProcessGroups {
  const since = whose === 'own' ? thisMoment() : undefined;
  const marked = (runId: string): Found =>
    reserve.use(
      () => searchRun(runId, limits.of(runId), since),
      ({ missed }) => missed,
    );
  const signalMarked = (runId: string, signal: SignalName, except?: ReadonlySet<number>) => {
    const found = marked(runId);
    for (const pid of found.pids) if (except?.has(pid) !== true) sendSignal(pid, signal);
    return found;
  };
  return {
    signal({ pid, runId }, signal, reach) {
      sendSignal(-pid, signal);
      if (reach === 'all') signalMarked(runId, signal);
    },
    presenceOf({ pid }) {
      return reserve.use(
        () => presenceOf(pid),
        (presence) => (presence.is === 'unknown' ? presence.why : null),
      );
    },
    marked,
    carriers: (runTag, without) =>
      reserve.use(
        () => searchCarriers(runTag, limits.of(runTag), limits.instanceOf, { since, without }),
        ({ missed }) => missed,
      ),
    signalMarked,
    signalOne: sendSignal,
    look: (pids) =>
      reserve.use(
        () => lookAt(pids),
        ({ missed }) => missed,
      ).seen,
    ignores: (pid, signal) =>
      reserve.use(
        () => ignoresSignal(pid, signal),
        ({ missed }) => missed,
      ).is,
    now: secondsSinceBoot,
  };
}

/** Signals reach zombies as well, and in a container without an init nobody buries those: so /proc is asked. */
function presenceOf(group: number): Presence {
  if (probe(-group) === 'gone') return { is: 'gone' };
  if (process.platform !== 'linux') return { is: 'living' };
  const { living, ended, missed } = searchGroup(group);
  if (living) return { is: 'living' };
  if (missed !== null) return { is: 'unknown', why: missed };
  if (ended) return { is: 'gone' };
  // Has it ended just now, or is there what /proc does not list: another user's (hidepid), or all where it is not mounted?
  const again = probe(-group);
  return again === 'gone' ? { is: 'gone' } : { is: 'unknown', why: again === 'there' ? 'ENOENT' : 'EPERM' };
}
