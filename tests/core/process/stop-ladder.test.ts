import { expect, test } from 'vitest';
import { lastRung, stopLadder } from '../../../src/core/process/stop-ladder.ts';

test('SIGKILL comes last, and the kernel gets a second for it', () => {
  const ladder = stopLadder('SIGINT', 5000);
  expect(ladder).toEqual([
    { signal: 'SIGINT', graceMs: 5000 },
    { signal: 'SIGKILL', graceMs: 1000 },
  ]);
  expect(ladder[lastRung(ladder)]?.signal).toBe('SIGKILL');
});
