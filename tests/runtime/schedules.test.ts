/** Schedules with a virtual clock: what is asked for, when, and what is told. */
import { expect, test } from 'vitest';
import type { InstanceSpec } from '../../src/core/plan/app-spec.ts';
import type { SchedulePlan } from '../../src/core/plan/process-plan.ts';
import { cronTimes } from '../../src/os/cron.ts';
import { createSchedules } from '../../src/runtime/schedules.ts';
import type { RememberedSchedules, ScheduleMemory } from '../../src/ports/schedule-memory.ts';
import { fakeInstance } from '../helpers/fake-instance.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

const MINUTE = 60_000;

function scheduled(name: string, schedule?: SchedulePlan): InstanceSpec {
  const instance = fakeInstance(name);
  return schedule === undefined
    ? instance
    : ({ ...instance, plan: { ...instance.plan, schedule } } as InstanceSpec);
}

function setUp(schedule: SchedulePlan, memory?: ScheduleMemory) {
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
    ...{ clock, cronTimes, memory, instances: () => instances },
    isAlive: (name) => living.has(name),
    isClosing: () => isClosing,
    ask: (verb, name, dueMs) => news.push(`${verb} ${name} ${at(new Date(dueMs).toISOString())}`),
    record: (name, fact) => {
      const last = 'last' in fact ? ` ${String(fact.count)}, last ${fact.last}` : '';
      news.push(`${name} ${fact.type}${last}`);
    },
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

/** Until 11:59 on the next day nothing was running. */
function remembering(text = '{}') {
  const written: RememberedSchedules[] = [];
  const memory: ScheduleMemory = {
    read: () => written.at(-1) ?? (JSON.parse(text) as RememberedSchedules),
    write: (remembered) => void written.push(remembered),
  };
  return { memory, written };
}

const before = (plan: Partial<SchedulePlan>, name = 'report.1'): string =>
  JSON.stringify({ lookedMs: Date.UTC(2026, 0, 1, 8, 30), schedules: { [name]: { ...HOURLY, ...plan } } });

test.each([
  [
    'the times between two supervisors are told',
    before({}),
    ['report.1 schedule-missed 3, last 2026-01-01T11:00:00.000Z'],
  ],
  ['not those of another schedule', before({ cron: '30 * * * *' }), []],
  ['not those of another time zone', before({ timeZone: 'Asia/Kolkata' }), []],
  ['not those of one that was not in force', before({}, 'other.1'), []],
  ['none where nothing is known', '{}', []],
])('at its start %s', (_, text, expected) => {
  const { memory } = remembering(text);
  expect(setUp(HOURLY, memory).news()).toEqual(expected);
  // Once.
  expect(setUp(HOURLY, memory).news()).toEqual([]);
});

test('after each time that came, each minute, and at the end it is remembered until when nothing was missed', () => {
  const { memory, written } = remembering();
  const { virtual, schedules, instances } = setUp({ ...HOURLY, cron: '*/20 * * * * *' }, memory);
  const last = (): string => new Date(written.at(-1)?.lookedMs ?? 0).toISOString().slice(11, 19);
  expect(last()).toBe('11:59:00');
  virtual.advance(20_000);
  expect(last()).toBe('11:59:20');
  instances.set('report.1', scheduled('report.1', HOURLY));
  schedules.changed(['report.1']);
  expect(written.at(-1)?.schedules).toMatchObject({ 'report.1': { cron: '0 * * * *' } });
  virtual.advance(2 * MINUTE);
  expect(last()).toBe('12:01:00');
  virtual.advance(10_000);
  schedules.close();
  expect(last()).toBe('12:01:30');
});
