/** What a supervisor leaves to the next one, so that this can tell which scheduled times have passed between them. */
import type { SchedulePlan } from '../core/plan/process-plan.ts';

export interface RememberedSchedules {
  /** Unix time in milliseconds: of the times until then none was missed unheard. */
  readonly lookedMs: number;
  /** By instance: those that were in force. */
  readonly schedules: Readonly<Record<string, Pick<SchedulePlan, 'cron' | 'timeZone'>>>;
}

export interface ScheduleMemory {
  /** Undefined: nothing is known. */
  read(): RememberedSchedules | undefined;
  /** Where that is refused, nothing is remembered. */
  write(remembered: RememberedSchedules): void;
}
