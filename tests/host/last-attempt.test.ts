import { expect, test } from 'vitest';
import type { Event } from '../../src/core/events.ts';
import { lastAttemptMs } from '../../src/host/daemon/last-attempt.ts';

const name = 'web.1';
const exit = { by: 'code', code: 1 } as const;
const EVENTS = {
  started: { type: 'started', name, run: 1, pid: 42 },
  exited: { type: 'exited', name, run: 1, exit, asked: false },
  refused: { type: 'refused', name, exit: { by: 'refusal', error: 'EHOOK', message: 'pre_start failed' } },
  restarting: { type: 'restarting', name, delayMs: 500, restarts: 1 },
} as const satisfies Readonly<Record<string, Event>>;

/** 10 ms after each other, from 1000 on. */
const entries = (types: readonly (keyof typeof EVENTS)[]) =>
  types.map((type, at) => ({ seq: at + 1, wallMs: 1000 + at * 10, event: EVENTS[type] }));

test.each([
  ['nothing has happened yet', [], 900],
  ['the first one runs', ['started'], 900],
  ['the first one has ended', ['started', 'exited'], 900],
  ['the second one is awaited', ['started', 'exited', 'restarting'], 900],
  ['the second one runs', ['started', 'exited', 'restarting', 'started'], 1011],
  ['the second one has ended', ['started', 'exited', 'restarting', 'started', 'exited'], 1011],
  ['the second one was refused', ['refused', 'restarting', 'refused'], 1001],
  ['the third one runs', ['refused', 'restarting', 'started', 'exited', 'restarting', 'started'], 1031],
] as const)('%s', (_what, types, sinceMs) => {
  expect(lastAttemptMs(entries(types), 900)).toBe(sinceMs);
});

test('what was before this start does not count', () => {
  expect(lastAttemptMs(entries(['started', 'exited', 'started', 'exited']), 1500)).toBe(1500);
});
