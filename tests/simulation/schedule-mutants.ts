/** The schedules with one rule broken on purpose. */
import type { Mutant } from './load-mutant.ts';

const file = 'schedule/schedule.ts';

export const SCHEDULE_MUTANTS: readonly Mutant[] = [
  {
    name: 'a time that was missed is caught up',
    file,
    original: 'if (at >= nowMs - LATE_MS) latest = at;',
    broken: 'latest = at;',
  },
  {
    name: 'a time that was missed is told to nobody',
    file,
    original: 'missed: count === 0 ? []',
    broken: 'missed: count >= 0 ? []',
  },
  {
    name: 'of several times that have just come only the last is told',
    file,
    original: 'latest !== undefined || at < nowMs - LATE_MS',
    broken: 'at < nowMs - LATE_MS',
  },
  {
    name: 'a clock that goes back is measured from its last look',
    file,
    original: 'const latestMs = Math.max(lookedMs, nowMs);',
    broken: 'const latestMs = nowMs;',
  },
  {
    name: 'a clock that goes back a little brings times twice',
    file,
    original: 'nowMs < lookedMs - BACK_MS',
    broken: 'nowMs < lookedMs',
  },
  {
    name: 'times are waited for that a wrong clock had reached',
    file,
    original: 'nowMs < lookedMs - BACK_MS',
    broken: 'nowMs < lookedMs - BACK_MS * lookedMs',
  },
  {
    name: 'the next time is that after the one that was due',
    file,
    original: 'dueMs: next(nowMs), lookedMs: latestMs }',
    broken: 'dueMs: next(dueMs), lookedMs: latestMs }',
  },
  {
    name: 'a run is started beside another',
    file,
    original: 'if (!isAlive) return { schedule: {',
    broken: "if (!isAlive || overlap === 'replace') return { schedule: {",
  },
  {
    name: 'a run is left out though none lives',
    file,
    original: 'if (!isAlive) return { schedule: {',
    broken: "if (!isAlive && overlap !== 'skip') return { schedule: {",
  },
  {
    name: 'each of several waits for the end',
    file,
    original: 'return schedule.isQueued\n        ? {',
    broken: 'return schedule.isQueued && dueMs < 0\n        ? {',
  },
  {
    name: 'what waits is started beside another',
    file,
    original: 'if (!schedule.isQueued || isAlive) return',
    broken: 'if (!schedule.isQueued) return',
  },
  {
    name: 'what waits is started again and again',
    file,
    original: "isQueued: false },\n    effects: [{ type: 'start', dueMs: schedule.lookedMs }]",
    broken: "isQueued: true },\n    effects: [{ type: 'start', dueMs: schedule.lookedMs }]",
  },
  {
    name: 'what waits is started twice when its end meets a time',
    file,
    original: "return { schedule: { ...schedule, isQueued: false }, effects: [{ type: 'start', dueMs }] };",
    broken: "return { schedule, effects: [{ type: 'start', dueMs }] };",
  },
  {
    name: 'what waits is not started when times were missed',
    file,
    original: 'const queued = fromQueue(seen, isAlive);',
    broken: 'const queued = { schedule: seen, effects: [] };',
  },
  {
    name: 'the clock is not looked at each minute',
    file: '../runtime/schedules.ts',
    original: 'const LONGEST_WAIT_MS = 60_000;',
    broken: 'const LONGEST_WAIT_MS = 6_000_000;',
  },
  {
    name: 'no timer is set after a look',
    file: '../runtime/schedules.ts',
    original: 'if (!isRemembered) remember();\n      wait();',
    broken: 'if (!isRemembered) remember();\n      cancel();',
  },
];
