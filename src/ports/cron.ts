/** Cron expressions: when they come due. */
import type { SchedulePlan } from '../core/plan/process-plan.ts';
import type { NextTime } from '../core/schedule/schedule.ts';

/** The times of an expression that is valid; of any other there are none. */
export type CronTimes = (plan: Pick<SchedulePlan, 'cron' | 'timeZone'>) => NextTime;
