import { expect, test } from 'vitest';
import type { Answer } from '../../../src/core/check/answer.ts';
import type { Check } from '../../../src/core/check/check.ts';
import {
  LONG_MS,
  missingText,
  newReadiness,
  stepReadiness,
  type ReadinessEffect,
  type ReadinessEvent,
  type ReadinessSpec,
} from '../../../src/core/check/readiness.ts';

const PORTS = { given: 5000, declared: [], ephemeral: [32768, 60999] } as const;
const LISTENING: Check = { kind: 'listening' };
const HTTP: Check = { kind: 'http', target: '/health' };
const LOG: Check = { kind: 'log', pattern: 'up' };
const DELAY: Check = { kind: 'delay', ms: 1000 };
const no = (words = 'http /health: 503', againMs?: number): Answer => ({
  is: 'no',
  words,
  ...(againMs !== undefined && { againMs }),
});
const yes: Answer = { is: 'yes' };
const listens = (...inodes: readonly string[]): Answer => ({
  is: 'listens',
  sockets: inodes.map((inode) => ({ inode, port: 5000, address: '::' })),
});

/** A run from its beginning; each call says what comes of an event, in short. */
function checking(checks: readonly Check[] | null, more: Partial<ReadinessSpec> = {}) {
  const spec: ReadinessSpec = { checks, ports: PORTS, ...more };
  let state = newReadiness(spec);
  let nowMs = 0;
  const send = (event: ReadinessEvent): readonly string[] => {
    const step = stepReadiness(spec, state, event, nowMs);
    state = step.state;
    return step.effects.map(inShort);
  };
  return {
    begin: () => send({ type: 'begin' }),
    answer: (key: number | 'fail', answer: Answer) => send({ type: 'answer', key, answer }),
    due: (timer: number | 'within' | 'long') => send({ type: 'timer', timer }),
    changed: () => send({ type: 'changed' }),
    pass: (ms: number) => void (nowMs += ms),
    missing: () => missingText(spec, state, nowMs),
  };
}

function inShort(effect: ReadinessEffect): string {
  switch (effect.type) {
    case 'ask':
      return `ask ${String(effect.key)}`;
    case 'set-timer':
      return `${String(effect.timer)} in ${String(effect.ms)}`;
    case 'unready':
      return `unready: ${effect.message}`;
    case 'not-yet':
      return `not yet: ${effect.words}`;
    case 'end':
    case 'ready':
      return effect.type;
  }
}

const LONG = `long in ${String(LONG_MS)}`;

test('what is asked again is asked after 50 ms at first, what comes by itself at once', () => {
  expect(checking([LISTENING, HTTP]).begin()).toEqual([LONG, '0 in 50', '1 in 50']);
  expect(checking([LOG, { kind: 'notify' }, { kind: 'fd', fd: 3 }]).begin()).toEqual([
    LONG,
    'ask 0',
    'ask 1',
    'ask 2',
  ]);
  expect(checking([DELAY]).begin()).toEqual([LONG, '0 in 1000']);
});

test('the time to the next question doubles up to a second', () => {
  const run = checking([HTTP]);
  run.begin();
  const waits = Array.from({ length: 7 }, () => [...run.due(0), ...run.answer(0, no())]);
  expect(waits.map((all) => all.join(', '))).toEqual(
    [100, 200, 400, 800, 1000, 1000, 1000].map((ms) => `ask 0, 0 in ${String(ms)}`),
  );
});

test('an answer that says when to ask again is obeyed', () => {
  const run = checking([HTTP]);
  run.begin();
  run.due(0);
  expect(run.answer(0, no('http /health: 503', 250))).toEqual(['0 in 250']);
});

test('one that is being asked is not asked again', () => {
  const run = checking([HTTP]);
  run.begin();
  expect([run.due(0), run.due(0), run.changed()]).toEqual([['ask 0'], [], []]);
});

test('a change asks at once, and what was being asked once more; a command is left alone', () => {
  const run = checking([HTTP, LISTENING, { kind: 'exec', command: 'true' }]);
  run.begin();
  run.due(0);
  expect(run.changed()).toEqual(['ask 1']);
  expect(run.answer(0, no())).toEqual(['0 in 0']);
  run.due(0);
  expect(run.answer(0, no())).toEqual(['0 in 200']);
});

test('it is ready when each check has held once, and then everything has ended', () => {
  const run = checking([HTTP, LOG]);
  run.begin();
  run.due(0);
  expect(run.answer(0, yes)).toEqual([]);
  expect(run.answer(1, no('later'))).toEqual([]);
  expect(run.answer(0, no())).toEqual([]);
  expect(run.changed()).toEqual([]);
  expect(run.answer(1, yes)).toEqual(['end', 'ready']);
  expect([run.answer(0, no()), run.due(0), run.due('long'), run.due('within'), run.changed()]).toEqual(
    Array.from({ length: 5 }, () => []),
  );
});

test('a delay holds when its time is over', () => {
  const run = checking([DELAY]);
  run.begin();
  expect(run.due(0)).toEqual(['end', 'ready']);
});

test('a socket is looked at again 250 ms after it was first seen', () => {
  const run = checking([LISTENING]);
  run.begin();
  run.due(0);
  expect(run.answer(0, listens('a'))).toEqual(['0 in 250']);
  run.pass(250);
  run.due(0);
  expect(run.answer(0, listens('a'))).toEqual(['end', 'ready']);
});

test('a test socket makes nothing ready', () => {
  const run = checking([LISTENING]);
  run.begin();
  for (const inode of ['test', 'real']) {
    run.pass(300);
    run.due(0);
    expect(run.answer(0, listens(inode))).toEqual(['0 in 250']);
  }
});

test('after 30 s a line says what is missing, and for how long the answer has been that', () => {
  const run = checking([HTTP, LOG, DELAY]);
  run.begin();
  run.due(2);
  run.pass(10_000);
  run.due(0);
  run.answer(0, no('http /health: 404'));
  run.pass(20_000);
  run.due(0);
  run.answer(0, no('http /health: 404'));
  expect(run.due('long')).toEqual([
    'not yet: http /health: 404 for 20s, no line of its output matches /up/ for 30s',
  ]);
  run.answer(0, no('http /health: 503'));
  expect(run.missing()).toMatch(/^http \/health: 503, /);
});

test('its time is limited only where the user says so', () => {
  const run = checking([HTTP], { withinMs: 5000 });
  expect(run.begin()).toContain('within in 5000');
  run.pass(5000);
  expect(run.due('within')).toEqual(['end', 'unready: not ready within 5s: http /health: no answer for 5s']);
});

test('a line that means failure ends it, cut to a length that can be read', () => {
  const run = checking([HTTP], { failLog: 'Error' });
  expect(run.begin()).toContain('ask fail');
  expect(run.answer('fail', { is: 'yes', line: `Error: ${'x'.repeat(1000)}` })).toEqual([
    'end',
    `unready: its output says: Error: ${'x'.repeat(193)}`,
  ]);
});

test('what nothing makes ready is only watched for a failure', () => {
  const run = checking(null, { failLog: 'Error' });
  expect(run.begin()).toEqual(['ask fail']);
});

test('a check that cannot be asked at all is a failure at once', () => {
  const run = checking([HTTP, LOG]);
  run.begin();
  expect(run.answer(1, { is: 'impossible', words: 'no such thing here' })).toEqual([
    'end',
    'unready: no such thing here',
  ]);
});
