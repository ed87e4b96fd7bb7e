/**
 * Who has been asked to stop, so that nobody is asked twice: a program that handles SIGTERM once is killed by the second. Who
 * was in a process group when that was signalled has heard it, and so has each process that was signalled by its pid.
 * Both hear nothing more until SIGKILL.
 *
 * Who starts later is the business of its parent as long as that lives: it may be what a handler runs to clean up.
 */
import type { SignalName } from '../core/process/signals.ts';
import type { Found, ProcessGroup, ProcessGroups, Seen } from '../ports/processes.ts';

export interface StopSignals {
  /** To the process group, always. */
  toGroup(processGroup: ProcessGroup, signal: SignalName): void;
  /** To its first process, which lives: the others have not heard it. */
  toMain(processGroup: ProcessGroup, signal: SignalName): void;
  /**
   * SIGTERM to those of `marked(runId)` who have heard nothing, in the group or not, and SIGCONT: a stopped process acts on
   * nothing else. Returns all of them.
   */
  toOthers(runId: string): Found;
  /** To those of `marked(runId)` but some that were signalled just now, whether they have heard one before or not. */
  toAll(runId: string, signal: SignalName, signalled: readonly number[]): void;
  /** Somebody else has sent it to the group: the user's terminal, or a user by `procsup kill`. */
  heardByGroup(runId: string, group: number, signal: SignalName): void;
  /** The group was told something that ends programs, not long ago. */
  wasToldLately(runId: string): boolean;
  /** SIGKILL to all of `marked(runId)`. */
  kill(runId: string): Found;
  /** Nothing of this run is left. */
  forget(runId: string): void;
}

/** A program that ends so soon after such a signal has ended of it. */
const LATELY_SECONDS = 10;

interface Told {
  group: { readonly pid: number; readonly at: number; readonly signal: SignalName } | undefined;
  /** By pid. */
  readonly singly: Map<number, { readonly started: number; readonly at: number }>;
}

export function createStopSignals(processGroups: ProcessGroups): StopSignals {
  const byRun = new Map<string, Told>();

  const toldOf = (runId: string): Told => {
    const known = byRun.get(runId);
    if (known !== undefined) return known;
    const told: Told = { group: undefined, singly: new Map() };
    byRun.set(runId, told);
    return told;
  };

  const heardByGroup: StopSignals['heardByGroup'] = (runId, pid, signal) => {
    toldOf(runId).group = { pid, at: processGroups.now(), signal };
  };

  const note = (runId: string, { pid, started }: Seen): void => {
    toldOf(runId).singly.set(pid, { started, at: processGroups.now() });
  };

  /** When it has heard one; undefined if it has not. */
  const heardAt = (toldOfRuns: readonly Told[], one: Seen): number | undefined => {
    for (const { group, singly } of toldOfRuns) {
      const alone = singly.get(one.pid);
      if (alone?.started === one.started) return alone.at;
      if (group?.pid === one.group && one.started <= group.at && !hasIgnored(one, group.signal))
        return group.at;
    }
    return undefined;
  };

  /** Background jobs of a shell ignore SIGINT. SIGTERM, which we would send, is not tried on somebody twice. */
  const hasIgnored = ({ pid }: Seen, signal: SignalName): boolean =>
    signal !== 'SIGTERM' && processGroups.ignores(pid, signal);

  const deaf = (runId: string, pids: readonly number[]): readonly Seen[] => {
    const told = [...byRun].flatMap(([key, one]) => (key.startsWith(runId) ? [one] : []));
    if (told.length === 0) return processGroups.look(pids);
    const seen = new Map(processGroups.look(pids).map((one) => [one.pid, one]));
    const parentOf = ({ parent }: Seen): Seen | undefined =>
      seen.get(parent) ?? processGroups.look(parent > 1 ? [parent] : [])[0];
    const isLeftToParent = (one: Seen): boolean => {
      let child = one;
      for (let left = seen.size; left > 0; left -= 1) {
        const parent = parentOf(child);
        const at = parent && heardAt(told, parent);
        // Start times are told in steps of 10 ms, and a handler may start something within one.
        if (at !== undefined) return child.started >= at;
        if (parent === undefined || !seen.has(parent.pid)) return false;
        child = parent;
      }
      return false;
    };
    return [...seen.values()].filter((one) => heardAt(told, one) === undefined && !isLeftToParent(one));
  };

  return {
    toGroup(processGroup, signal) {
      heardByGroup(processGroup.runId, processGroup.pid, signal);
      processGroups.signal(processGroup, signal, 'group');
    },
    toMain({ pid, runId }, signal) {
      for (const one of processGroups.look([pid])) note(runId, one);
      processGroups.signalOne(pid, signal);
    },
    toOthers(runId) {
      const found = processGroups.marked(runId);
      for (const one of deaf(runId, found.pids)) {
        note(runId, one);
        processGroups.signalOne(one.pid, 'SIGTERM');
        processGroups.signalOne(one.pid, 'SIGCONT');
      }
      return found;
    },
    toAll(runId, signal, signalled) {
      const isPolite = signal !== 'SIGKILL' && signal !== 'SIGCONT';
      const pids = isPolite ? [...processGroups.marked(runId).pids, ...signalled] : [];
      for (const one of processGroups.look(pids)) note(runId, one);
      processGroups.signalMarked(runId, signal, new Set(signalled));
    },
    heardByGroup,
    wasToldLately(runId) {
      const at = byRun.get(runId)?.group?.at;
      return at !== undefined && processGroups.now() - at < LATELY_SECONDS;
    },
    kill: (runId) => processGroups.signalMarked(runId, 'SIGKILL'),
    forget: (runId) => void byRun.delete(runId),
  };
}
