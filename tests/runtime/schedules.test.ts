/** Schedules with a virtual clock: what is asked for, when, and what is told. */
import { expect, test } from 'vitest';
import type { InstanceSpec } from '../../src/core/plan/app-spec.ts';
import type { SchedulePlan } from '../../src/core/plan/process-plan.ts';
import { cronTimes } from '../../src/os/cron.ts';
import { createSchedules } from '../../src/runtime/schedules.ts';
import { fakeInstance } from '../helpers/fake-instance.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

const MINUTE = 60_000;

function scheduled(name: string, schedule?: SchedulePlan): InstanceSpec {
  const instance = fakeInstance(name);
  return schedule === undefined
    ? instance
    : ({ ...instance, plan: { ...instance.plan, schedule } } as InstanceSpec);
}

function setUp(schedule: SchedulePlan) {
  const virtual = createVirtualClock(Date.UTC(2026, 0, 1, 11, 59));
  let shiftMs = 0;
  const clock = { ...virtual, wallNow: () => virtual.wallNow() + shiftMs };
  const news: string[] = [];
  const instances = new Map([
    ['report.1', scheduled('report.1', schedule)],
    ['web.1', scheduled('web.1')],
  ]);
  const living = new Set<string>();
  let isClosing = false;
  const at = (iso: string): string => iso.slice(11, 16);
  const schedules = createSchedules({
    ...{ clock, cronTimes, instances: () => instances },
    isAlive: (name) => living.has(name),
    isClosing: () => isClosing,
    ask: (verb, name, dueMs) => news.push(`${verb} ${name} ${at(new Date(dueMs).toISOString())}`),
    record: (name, fact) => news.push(`${name} ${fact.type}`),
  });
  return {
    ...{ schedules, instances, living, virtual },
    shift: (ms: number) => void (shiftMs += ms),
    close: () => void (isClosing = true),
    next: (name = 'report.1') => {
      const ms = schedules.nextOf(name);
      return ms === undefined ? undefined : at(new Date(ms).toISOString());
    },
    news: () => news.splice(0),
  };
}

const HOURLY: SchedulePlan = { cron: '0 * * * *', timeZone: 'UTC', overlap: 'skip' };

test('a process is started when it is due, and what has no schedule is not', () => {
  const { virtual, news, next } = setUp(HOURLY);
  expect([next(), next('web.1')]).toEqual(['12:00', undefined]);
  virtual.advance(MINUTE - 1);
  expect(news()).toEqual([]);
  virtual.advance(1);
  expect(news()).toEqual(['start report.1 12:00']);
  expect(next()).toBe('13:00');
  virtual.advance(60 * MINUTE);
  expect(news()).toEqual(['start report.1 13:00']);
});

test('a clock that jumps forward is noticed within a minute', () => {
  const { virtual, news, shift, next } = setUp(HOURLY);
  shift(150 * MINUTE);
  virtual.advance(MINUTE);
  expect(news()).toEqual(['report.1 schedule-missed']);
  expect(next()).toBe('15:00');
});

test('one that waits is started when the last run has ended', () => {
  const { virtual, news, living, schedules } = setUp({ ...HOURLY, overlap: 'queue' });
  living.add('report.1');
  virtual.advance(MINUTE);
  expect(news()).toEqual(['report.1 schedule-queued']);
  living.clear();
  schedules.changed(['web.1']);
  expect(news()).toEqual([]);
  schedules.changed(['report.1']);
  expect(news()).toEqual(['start report.1 12:00']);
});

test('a schedule may change, go, and come', () => {
  const { schedules, instances, next } = setUp(HOURLY);
  instances.set('report.1', scheduled('report.1', { ...HOURLY, cron: '30 * * * *' }));
  schedules.changed(['report.1']);
  expect(next()).toBe('12:30');
  instances.set('report.1', scheduled('report.1'));
  instances.set('web.1', scheduled('web.1', HOURLY));
  schedules.changed(['report.1', 'web.1']);
  expect([next(), next('web.1')]).toEqual([undefined, '12:00']);
});

test('nothing is started while the run ends, and no timer is left', () => {
  const { virtual, news, close, schedules } = setUp(HOURLY);
  close();
  virtual.advance(2 * MINUTE);
  expect(news()).toEqual([]);
  schedules.close();
  expect(virtual.timerCount).toBe(0);
});
