/** What looks at the limits of processes. A chunk of its own: only a plan with limits loads it. */
import { isUnderway, type Member } from '../../core/fleet/member.ts';
import { memoryInDoubtFrom, type Look, type WatchedKind } from '../../core/limits/limits.ts';
import { limitsOf } from '../../core/plan/process-plan.ts';
import { systemClock } from '../../os/clock.ts';
import { createLimitsKeeper, type LimitedInstance, type LimitsKeeper } from '../../runtime/limits.ts';
import type { Supervisor } from '../../runtime/supervisor.ts';
import { createBestSampler } from '../best-sampler.ts';
import { recordEvent, type Recorder } from '../records/record-event.ts';

export interface Limited extends Recorder {
  readonly supervisor: Supervisor;
  /** Whether the kernel keeps this limit of it. */
  readonly keeps: (name: string, kind: WatchedKind) => boolean;
}

/** Descriptors: the supervisor's own sampler has most of what may be kept. */
const MOST_KEPT = 200;

export async function createHostKeeper(limited: Limited): Promise<LimitsKeeper> {
  const { supervisor } = limited;
  /** By pid. */
  let inDoubtFrom: ReadonlyMap<number, number> = new Map();
  const sampler = await createBestSampler({
    keepAtMost: MOST_KEPT,
    needsShares: (pid, residentBytes) => residentBytes > (inDoubtFrom.get(pid) ?? 0),
  });
  const keeper = createLimitsKeeper({
    sampler,
    clock: systemClock,
    instances() {
      const found = limitedOf(limited);
      inDoubtFrom = new Map(
        found.map(({ program, limits }) => [program?.pid ?? 0, memoryInDoubtFrom(limits)]),
      );
      return found;
    },
    stop: (name, run, exit, isRestarted) =>
      supervisor.send({
        type: 'process',
        name,
        event: { type: 'unready', run, exit, isUnhealthy: isRestarted },
      }),
    record: (name, fact) => recordEvent(limited, { name, ...fact }),
  });
  return {
    ...keeper,
    close() {
      keeper.close();
      sampler.close();
    },
  };
}

function limitedOf({ supervisor: { instances, state }, keeps }: Limited): readonly LimitedInstance[] {
  return [...instances.values()].flatMap(({ name, process, plan }) => {
    const limits = limitsOf(plan).filter(({ kind }) => !keeps(name, kind));
    const member = state.members.get(name);
    if (limits.length === 0 || member === undefined) return [];
    const { run, phase } = member.process;
    const program = phase.name === 'running' ? { pid: phase.pid, startedAtMs: phase.since } : undefined;
    return [{ name, process, run, limits, standing: standingOf(member), program }];
  });
}

function standingOf(member: Member): Look['standing'] {
  const { phase } = member.process;
  if (phase.name === 'running') return phase.ready ? 'settled' : 'unsettled';
  return isUnderway(member) ? 'unsettled' : 'down';
}
