/** Schedules of processes: their code is loaded with the first. */
import { systemClock } from '../../os/clock.ts';
import { isUnderway } from '../../core/fleet/member.ts';
import type { Schedules } from '../../runtime/schedules.ts';
import { scheduleOf } from '../../core/plan/process-plan.ts';
import type { Supervisor } from '../../runtime/supervisor.ts';
import { recordEvent, type Recorder } from '../records/record-event.ts';

export interface LazySchedules {
  nextOf(name: string): number | undefined;
  close(): void;
}

export interface Scheduled extends Recorder {
  readonly supervisor: Supervisor;
  readonly onChange: (listener: (names: readonly string[]) => void) => () => void;
  /** Of the project, which no other supervisor has. Undefined: it may have. */
  readonly stateDirectory: string | undefined;
}

export function keepSchedules(running: Scheduled): LazySchedules {
  const { supervisor, stateDirectory } = running;
  let known: Schedules | undefined;
  let loading: Promise<void> | undefined;
  let isClosed = false;

  const load = async (): Promise<void> => {
    const [{ createSchedules }, { cronTimes }, { scheduleMemoryIn }] = await Promise.all([
      import('../../runtime/schedules.ts'),
      import('../../os/cron.ts'),
      import('../../os/files/schedule-memory.ts'),
    ]);
    if (isClosed) return;
    known = createSchedules({
      clock: systemClock,
      cronTimes,
      memory: stateDirectory === undefined ? undefined : scheduleMemoryIn(stateDirectory),
      instances: () => supervisor.instances,
      isAlive(name) {
        const member = supervisor.state.members.get(name);
        return member !== undefined && isUnderway(member);
      },
      isClosing: () => supervisor.state.closing !== null || supervisor.state.finished,
      ask(verb, name, dueMs) {
        const cause = { by: 'schedule', due: new Date(dueMs).toISOString() } as const;
        void supervisor.ask(verb, [name], cause);
      },
      record: (name, fact) => recordEvent(running, { name, ...fact }),
    });
  };

  const changed = (names: readonly string[]): void => {
    if (known !== undefined) return known.changed(names);
    if (isClosed || loading !== undefined) return;
    if (!names.some((name) => scheduleOf(supervisor.instances.get(name)?.plan) !== undefined)) return;
    loading = load().catch((error: unknown) => {
      recordEvent(running, { type: 'schedules-unavailable', reason: String(error) });
    });
  };

  const stop = running.onChange(changed);
  changed([...supervisor.instances.keys()]);
  return {
    nextOf: (name) => known?.nextOf(name),
    close() {
      isClosed = true;
      stop();
      known?.close();
    },
  };
}
