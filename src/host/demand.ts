/** Processes that clients of their sockets start: brings what does it together with the supervisor. */
import { isUnderway } from '../core/fleet/member.ts';
import type { Member } from '../core/fleet/state.ts';
import { RESTART_DEFAULTS } from '../core/process/restart-policy.ts';
import { isUnkillable } from '../core/process/state.ts';
import { awaitsClients } from '../core/plan/process-plan.ts';
import type { Standing } from '../core/sockets/demand.ts';
import { systemClock } from '../os/clock.ts';
import type { KoffiSockets, Netlink, NetlinkDump } from '../os/pipes/koffi-sockets.ts';
import { onArrival } from '../os/sockets/arrivals.ts';
import type { ProcessGroups } from '../ports/processes.ts';
import type { Sockets } from '../ports/sockets.ts';
import { createDemand, type AwaitingInstance, type Demand } from '../runtime/demand.ts';
import type { Journal } from '../runtime/journal.ts';
import { runIdOf } from '../runtime/run-id.ts';
import type { Supervisor } from '../runtime/supervisor.ts';

export interface Supervising {
  readonly supervisor: Supervisor;
  readonly processGroups: ProcessGroups;
  readonly runTag: string;
}

export const isNeeded = ({ supervisor }: Supervising): boolean =>
  [...supervisor.instances.values()].some(({ plan }) => awaitsClients(plan));

export function keepDemand(
  { journal, running }: { readonly journal: Journal; readonly running: () => Supervising },
  sockets: Pick<Sockets, 'open' | 'listeners'>,
): Demand {
  const { supervisor } = running();
  const demand = createDemand({
    ...{ clock: systemClock, sockets, onArrival },
    instances: () => awaitingOf(supervisor),
    ask: (verb, names, cause) => supervisor.ask(verb, names, cause),
    refused(names, exit) {
      const event = exit === undefined ? ({ type: 'forget' } as const) : ({ type: 'doom', exit } as const);
      for (const name of names) supervisor.send({ type: 'process', name, event });
    },
    freeze: (names) => freeze(running(), names),
  });
  let seen = 0;
  const hear = (): void => {
    for (const { seq, event } of journal.after(seen)) {
      seen = seq;
      demand.told(event);
    }
  };
  hear();
  const stopHearing = journal.listen(hear);
  return {
    ...demand,
    close() {
      stopHearing();
      demand.close();
    },
  };
}

function awaitingOf({ instances, state }: Supervisor): readonly AwaitingInstance[] {
  if (state.closing !== null || state.finished) return [];
  return [...instances.values()].flatMap((instance) => {
    const member = state.members.get(instance.name);
    if (!awaitsClients(instance.plan) || member === undefined || member.departing) return [];
    return {
      ...{ instance, standing: standingOf(member), isWanted: member.goal === 'up' },
      hasFailed: member.process.phase.name === 'failed',
      restart: state.spec.byName.get(instance.name)?.restart ?? RESTART_DEFAULTS,
    };
  });
}

function standingOf(member: Member): Standing {
  const { phase } = member.process;
  if (phase.name === 'running') return 'up';
  return isUnderway(member) || isUnkillable(phase) ? 'between' : 'down';
}

function freeze({ supervisor, processGroups, runTag }: Supervising, names: readonly string[]): () => void {
  const groups = names.flatMap((name) => {
    const { run, phase } = supervisor.state.members.get(name)?.process ?? {};
    return run !== undefined && phase?.name === 'running'
      ? [{ pid: phase.pid, runId: runIdOf(runTag, name, run) }]
      : [];
  });
  const tell = (signal: 'SIGSTOP' | 'SIGCONT'): void => {
    for (const group of groups) processGroups.signal(group, signal, 'group');
  };
  tell('SIGSTOP');
  return () => tell('SIGCONT');
}

/** Opened with the first question, for few ask any. */
export function lazyNetlink(sockets: KoffiSockets | undefined): {
  readonly dump: () => NetlinkDump | undefined;
  close(): void;
} {
  let netlink: Netlink | undefined;
  return {
    dump() {
      try {
        netlink ??= sockets?.openNetlink();
      } catch {
        return undefined; // Not allowed here, or no descriptor is free: /proc tells as well.
      }
      return netlink?.dump;
    },
    close: () => netlink?.close(),
  };
}
