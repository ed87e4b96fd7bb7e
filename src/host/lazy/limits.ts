/** Limits of processes: what looks at them is loaded with the first run of a process that has some. */
import { isUnderway, type Member } from '../../core/fleet/member.ts';
import type { Look } from '../../core/limits/limits.ts';
import { limitsOf } from '../../core/plan/process-plan.ts';
import { systemClock } from '../../os/clock.ts';
import type { LimitedInstance, LimitsKeeper } from '../../runtime/limits.ts';
import type { Supervisor } from '../../runtime/supervisor.ts';
import { recordEvent, type Recorder } from '../records/record-event.ts';

export interface LazyLimits {
  close(): void;
}

export interface Limited extends Recorder {
  readonly supervisor: Supervisor;
  readonly onChange: (listener: (names: readonly string[]) => void) => () => void;
}

/** Descriptors: the supervisor's own sampler has most of what may be kept. */
const MOST_KEPT = 200;

export function keepLimits(running: Limited): LazyLimits {
  const { supervisor } = running;
  let known: LimitsKeeper | undefined;
  let loading: Promise<void> | undefined;
  let isClosed = false;

  const load = async (): Promise<void> => {
    const [{ createLimitsKeeper }, { createBestSampler }] = await Promise.all([
      import('../../runtime/limits.ts'),
      import('../best-sampler.ts'),
    ]);
    const sampler = await createBestSampler({ keepAtMost: MOST_KEPT });
    if (isClosed) {
      sampler.close();
      return;
    }
    known = createLimitsKeeper({
      sampler,
      clock: systemClock,
      instances: () => limitedOf(supervisor),
      stop: (name, run, exit, isRestarted) =>
        supervisor.send({
          type: 'process',
          name,
          event: { type: 'unready', run, exit, isUnhealthy: isRestarted },
        }),
      record: (name, fact) => recordEvent(running, { name, ...fact }),
    });
    known.changed();
  };

  const changed = (names: readonly string[]): void => {
    if (known !== undefined) return known.changed();
    if (isClosed || loading !== undefined) return;
    if (!names.some((name) => limitsOf(supervisor.instances.get(name)?.plan).length > 0)) return;
    loading = load().catch((error: unknown) => {
      recordEvent(running, { type: 'limits-unavailable', reason: String(error) });
    });
  };

  const stop = running.onChange(changed);
  changed([...supervisor.instances.keys()]);
  return {
    close() {
      isClosed = true;
      stop();
      known?.close();
    },
  };
}

function limitedOf({ instances, state }: Supervisor): readonly LimitedInstance[] {
  return [...instances.values()].flatMap(({ name, process, plan }) => {
    const limits = limitsOf(plan);
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
