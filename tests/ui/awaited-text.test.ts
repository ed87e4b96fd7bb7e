import { expect, test } from 'vitest';
import { awaitedText } from '../../src/ui/awaited-text.ts';

test.each([
  ['ready', { outcome: 'reached', pid: 42, exit: null }, 'web.1 is ready (pid 42)'],
  ['running', { outcome: 'reached', pid: 42, exit: null }, 'web.1 is running (pid 42)'],
  ['exited', { outcome: 'reached', pid: null, exit: { code: 0 } }, 'web.1 exited with status 0'],
  ['exited', { outcome: 'reached', pid: null, exit: null }, 'web.1 is stopped'],
  [
    'ready',
    { outcome: 'never', pid: null, exit: { signal: 'SIGKILL' } },
    'web.1 cannot become ready: it was terminated by SIGKILL (status 137)',
  ],
  ['running', { outcome: 'never', pid: null, exit: null }, 'web.1 cannot become running: it is stopped'],
] as const)('%s %j', (state, awaited, text) => {
  expect(awaitedText({ name: 'web.1', ...awaited }, state)).toBe(text);
});
