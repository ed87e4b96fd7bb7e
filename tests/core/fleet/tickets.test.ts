import { describe, expect, test } from 'vitest';
import { NEW_PROCESS, type Phase, type ProcessState } from '../../../src/core/process/state.ts';
import {
  answerTo,
  askOf,
  isContrary,
  newTicket,
  resultOf,
  resultsOf,
  SUPERSEDED,
  withResult,
} from '../../../src/core/fleet/tickets.ts';
import type { TicketResult, Verb } from '../../../src/core/fleet/tickets.ts';

const exit = { by: 'code', code: 0 } as const;
const PHASES = {
  idle: { name: 'idle' },
  starting: { name: 'starting' },
  running: { name: 'running', pid: 7, since: 0, ready: true },
  stopping: { name: 'stopping', pid: 7, since: 0, rung: 0 },
  clearing: { name: 'clearing', pid: 7, rung: 0, exit, ranMs: 1, asked: true },
  backoff: { name: 'backoff', exit },
  exited: { name: 'exited', exit },
  failed: { name: 'failed', why: 'gave-up', exit },
} as const satisfies Record<string, Phase>;

const process = (phase: keyof typeof PHASES, run = 2): ProcessState => ({
  ...NEW_PROCESS,
  phase: PHASES[phase],
  run,
});

test.each<[Verb, number, true | undefined]>([
  ['restart', 2, true],
  ['stop', 2, true],
  ['restart', 1, undefined],
  ['start', 2, undefined],
])('%s of run 2 tells that it was killed when run %i was late: %s', (verb, lateRun, killed) => {
  const after = { ...process(verb === 'stop' ? 'idle' : 'running', 3), lateRun };
  expect(answerTo(askOf(1, verb, process('running')), after, { readiness: 'started' })?.killed).toBe(killed);
});

/** What a request is answered that came when `before` was, now that `after` is. */
function answered(verb: Verb, before: ProcessState, after: ProcessState): string {
  const answer = answerTo(askOf(1, verb, before), after, { readiness: 'started' });
  return answer === undefined ? 'waits' : `${answer.outcome} ${String(answer.pid)}`;
}

describe.each<[Verb, readonly (readonly [keyof typeof PHASES, number, string])[]]>([
  [
    'start',
    [
      ['starting', 3, 'waits'],
      ['running', 3, 'running 7'],
      ['running', 2, 'running 7'],
      ['stopping', 2, 'waits'],
      ['backoff', 3, 'waits'],
      ['exited', 3, 'ended null'],
      ['failed', 3, 'ended null'],
    ],
  ],
  [
    'stop',
    [
      ['running', 2, 'waits'],
      ['stopping', 2, 'waits'],
      ['clearing', 2, 'waits'],
      ['backoff', 2, 'waits'],
      ['idle', 2, 'stopped null'],
      ['exited', 2, 'stopped null'],
    ],
  ],
  [
    'restart',
    [
      ['running', 2, 'waits'],
      ['stopping', 2, 'waits'],
      ['starting', 3, 'waits'],
      ['running', 3, 'running 7'],
      ['exited', 3, 'ended null'],
      ['exited', 2, 'waits'],
      ['failed', 2, 'ended null'],
    ],
  ],
])('a request to %s', (verb, rows) => {
  test.each(rows)('%s, run %i: %s', (phase, run, expected) => {
    expect(answered(verb, process('running'), process(phase, run))).toBe(expected);
  });
});

test('a restart that comes while a process starts is answered by that start', () => {
  expect(answered('restart', process('starting', 2), process('running', 2))).toBe('running 7');
});

test.each<[Verb, Verb, boolean]>([
  ['stop', 'start', true],
  ['stop', 'restart', true],
  ['start', 'stop', true],
  ['restart', 'stop', true],
  ['start', 'restart', false],
  ['stop', 'stop', false],
])('a %s is overtaken by a %s: %s', (older, newer, overtaken) => {
  expect(isContrary(askOf(1, older, process('running')), newer)).toBe(overtaken);
});

test('a ticket knows the unknown names from the beginning, and is open until all others have their answers', () => {
  const asked = askOf(1, 'stop', process('running'));
  const ticket = newTicket(2, ['nope']);
  expect(ticket.open).toBe(2);
  const one = withResult(ticket, resultOf('a.1', asked, SUPERSEDED));
  const both = withResult(one, resultOf('b.1', asked, { outcome: 'stopped', pid: null, exit }));
  expect([one.open, both.open]).toEqual([1, 0]);
  expect(resultsOf(both)).toEqual([
    { name: 'nope', outcome: 'unknown', before: null, pid: null, exit: null },
    { name: 'a.1', outcome: 'superseded', before: 7, pid: null, exit: null },
    { name: 'b.1', outcome: 'stopped', before: 7, pid: null, exit },
  ]);
  expect(resultsOf(one)).toHaveLength(2);
});

test.each<[string, ProcessState, Partial<TicketResult>]>([
  ['stopped', { ...process('idle'), lastExit: exit }, { before: 7, pid: null, exit }],
  ['stopped', process('idle'), { before: 7, pid: null, exit: null }],
  ['ended', { ...process('exited', 3), lastExit: exit }, { before: 7, pid: null, exit }],
  ['running', { ...process('running', 3), lastExit: exit }, { before: 7, pid: 7, exit: null }],
])('%s: tells the pid before, and how it ended', (outcome, after, expected) => {
  const asked = askOf(1, outcome === 'stopped' ? 'stop' : 'restart', process('running'));
  const answer = answerTo(asked, after, { readiness: 'started' }) ?? expect.fail('no answer');
  expect(resultOf('a.1', asked, answer)).toEqual({ name: 'a.1', outcome, ...expected });
});

test.each<[Verb, TicketResult['outcome']]>([
  ['stop', 'stopped'],
  ['start', 'ended'],
  ['restart', 'ended'],
])('what is still alive after SIGKILL is said to be so: %s', (verb, outcome) => {
  const hangs = { by: 'refusal', error: 'EBUSY', message: 'x' } as const;
  const phase = { name: 'failed', why: 'unkillable', exit: hangs, pid: 7 } as const;
  const unkillable = { ...process('failed'), phase };
  expect(answerTo(askOf(1, verb, unkillable), unkillable, { readiness: 'started' })).toEqual({
    outcome,
    pid: null,
    exit: hangs,
  });
});

describe('a start of which somebody has said when it is ready', () => {
  const asked = askOf(1, 'start', process('idle'));
  const at = (name: Parameters<typeof process>[0], ready: boolean) => {
    const is = process(name);
    const { phase } = is;
    return { ...is, run: asked.run + 1, phase: phase.name === 'running' ? { ...phase, ready } : phase };
  };
  const answers = (name: Parameters<typeof process>[0], ready: boolean, isReadinessUsual: boolean) =>
    answerTo(asked, at(name, ready), { readiness: 'probed', isReadinessUsual })?.outcome;

  test('has happened when it is ready, or has failed', () => {
    expect(answers('running', false, false)).toBeUndefined();
    expect(answers('running', true, false)).toBe('running');
    expect(answers('backoff', false, false)).toBe('ended');
  });

  test('and where nobody has, when it runs', () => {
    expect(answers('running', false, true)).toBe('running');
    expect(answers('backoff', false, true)).toBeUndefined();
  });
});
