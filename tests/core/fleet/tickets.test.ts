import { describe, expect, test } from 'vitest';
import { NEW_PROCESS, type Phase, type ProcessState } from '../../../src/core/process/state.ts';
import { abandon, answer, isSettled, newTicket, supersede } from '../../../src/core/fleet/tickets.ts';
import type { TicketResult, Verb } from '../../../src/core/fleet/tickets.ts';

const exit = { by: 'code', code: 0 } as const;
const nothing = { pid: null, exit: null } as const;
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

/** What a request is answered that came when `before` was, now that `after` is. */
function answered(verb: Verb, before: ProcessState, after: ProcessState): string {
  const ticket = answer(
    newTicket(1, verb, ['a.1'], () => before),
    () => after,
  );
  const [result] = ticket.results;
  return result === undefined ? 'waits' : `${result.outcome} ${String(result.pid)}`;
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

test('a name that is unknown has its answer at once, and one named twice has one answer', () => {
  const known = (name: string) => (name === 'a.1' ? process('running') : undefined);
  const ticket = newTicket(1, 'stop', ['a.1', 'nope', 'a.1'], known);
  expect(ticket.results).toEqual([{ name: 'nope', outcome: 'unknown', ...nothing, before: null }]);
  expect([...ticket.pending.keys()]).toEqual(['a.1']);
  expect(isSettled(ticket)).toBe(false);
});

test.each<[Verb, Verb, boolean]>([
  ['stop', 'start', true],
  ['stop', 'restart', true],
  ['start', 'stop', true],
  ['restart', 'stop', true],
  ['start', 'restart', false],
  ['stop', 'stop', false],
])('a %s is overtaken by a %s: %s', (older, newer, overtaken) => {
  const ticket = newTicket(1, older, ['a.1', 'b.1'], () => process('running'));
  const after = supersede(ticket, newer, ['a.1']);
  const expected = overtaken ? [{ name: 'a.1', outcome: 'superseded', ...nothing, before: 7 }] : [];
  expect(after.results).toEqual(expected);
  expect(after.pending.has('b.1')).toBe(true);
});

test('what is abandoned is answered for every name', () => {
  const ticket = abandon(newTicket(1, 'start', ['a.1', 'b.1'], () => process('idle')));
  expect(isSettled(ticket)).toBe(true);
  expect(ticket.results.map(({ outcome }) => outcome)).toEqual(['superseded', 'superseded']);
});

test.each<[string, ProcessState, Partial<TicketResult>]>([
  ['stopped', { ...process('idle'), lastExit: exit }, { before: 7, pid: null, exit }],
  ['stopped', process('idle'), { before: 7, pid: null, exit: null }],
  ['ended', { ...process('exited', 3), lastExit: exit }, { before: 7, pid: null, exit }],
  ['running', { ...process('running', 3), lastExit: exit }, { before: 7, pid: 7, exit: null }],
])('%s: tells the pid before, and how it ended', (outcome, after, expected) => {
  const verb = outcome === 'stopped' ? 'stop' : 'restart';
  const ticket = newTicket(1, verb, ['a.1'], () => process('running'));
  expect(answer(ticket, () => after).results).toEqual([{ name: 'a.1', outcome, ...expected }]);
});

test('what does not die of SIGKILL is said to be so', () => {
  const hangs = { by: 'refusal', error: 'EBUSY', message: 'x' } as const;
  const phase = { name: 'failed', why: 'unkillable', exit: hangs } as const;
  const ticket = newTicket(1, 'stop', ['a.1'], () => process('running'));
  expect(answer(ticket, () => ({ ...process('failed'), phase })).results[0]?.exit).toEqual(hangs);
});
