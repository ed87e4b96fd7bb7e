import { expect, test } from 'vitest';
import type { Answer } from '../../../src/core/check/answer.ts';
import type { Check } from '../../../src/core/check/check.ts';
import { NEW_HEALTH, stepHealth, type HealthEvent, type HealthSpec } from '../../../src/core/check/health.ts';

const ports = { given: 5000, declared: [], ephemeral: [32768, 60999] } as const;
const HTTP: Check = { kind: 'http', target: '/' };
const yes: Answer = { is: 'yes' };
const no = (words: string): Answer => ({ is: 'no', words });

function watching(checks: readonly Check[], failures = 3) {
  const spec: HealthSpec = { checks, everyMs: 10_000, failures, ports };
  let state = NEW_HEALTH;
  const send = (event: HealthEvent): readonly string[] => {
    const step = stepHealth(spec, state, event);
    state = step.state;
    return step.effects.map((effect) => {
      if (effect.type === 'ask') return `ask ${String(effect.key)}`;
      if (effect.type === 'set-timer') return 'wait';
      return effect.type === 'unhealthy' ? `unhealthy: ${effect.words}` : effect.type;
    });
  };
  const answer = (key: number, told: Answer) => send({ type: 'answer', key, answer: told });
  return {
    begin: () => send({ type: 'begin' }),
    due: () => send({ type: 'timer' }),
    answer,
    round(told: Answer) {
      send({ type: 'timer' });
      return answer(0, told);
    },
  };
}

test('a round begins when its time has come, and the next is timed when all have answered', () => {
  const run = watching([HTTP, { kind: 'tcp', port: 1 }]);
  expect(run.begin()).toEqual(['wait']);
  expect(run.due()).toEqual(['ask 0', 'ask 1']);
  expect(run.answer(0, yes)).toEqual([]);
  expect(run.answer(0, yes)).toEqual([]);
  expect(run.answer(1, yes)).toEqual(['wait']);
});

test('each change is told once, with the words of the last failure', () => {
  const run = watching([HTTP]);
  expect(run.round(no('a'))).toEqual(['wait']);
  expect(run.round(no('b'))).toEqual(['wait']);
  expect(run.round(no('c'))).toEqual(['unhealthy: c', 'wait']);
  expect(run.round(no('d'))).toEqual(['wait']);
  expect(run.round(yes)).toEqual(['healthy', 'wait']);
  expect(run.round(yes)).toEqual(['wait']);
});

test('failures count in a row only', () => {
  const run = watching([HTTP], 2);
  expect([no('a'), yes, no('b'), yes].flatMap((told) => run.round(told))).toEqual(Array(4).fill('wait'));
});

test('one check that fails is a failure of the round, and its words are told', () => {
  const run = watching([HTTP, { kind: 'tcp', port: 1 }], 1);
  run.due();
  run.answer(1, no('tcp 1: refused'));
  expect(run.answer(0, yes)).toEqual(['unhealthy: tcp 1: refused', 'wait']);
});

test.each([
  { sockets: [{ inode: '1', port: 5000, address: '::' }], told: ['wait'] },
  { sockets: [{ inode: '1', port: 40000, address: '::' }], told: ['unhealthy: not listening', 'wait'] },
  { sockets: [], told: ['unhealthy: not listening', 'wait'] },
  { sockets: null, told: ['wait'] },
])('listening is answered by one look: $sockets', ({ sockets, told }) => {
  expect(watching([{ kind: 'listening' }], 1).round({ is: 'listens', sockets })).toEqual(told);
});

test('what is said once is no question about now', () => {
  expect(watching([{ kind: 'log', pattern: 'x' }]).due()).toEqual([]);
  expect(watching([HTTP, { kind: 'notify' }]).due()).toEqual(['ask 0']);
});
