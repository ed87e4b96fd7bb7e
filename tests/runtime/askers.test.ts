import { expect, test } from 'vitest';
import { createAskers } from '../../src/runtime/askers.ts';

const result = { name: 'a.1', outcome: 'running', before: null, pid: 7, exit: null } as const;

test('each hears of its own ticket, and is forgotten then', async () => {
  const askers = createAskers();
  const sent: number[] = [];
  const answers = [1, 2, 3].map(() => askers.ask((ticket) => sent.push(ticket)));
  expect(sent).toEqual([1, 2, 3]);
  expect(askers.size).toBe(3);
  askers.settle(2, [result]);
  expect(askers.size).toBe(2);
  expect(await answers[1]).toEqual([result]);
  askers.settle(1, []);
  askers.settle(3, []);
  expect(await Promise.all(answers)).toEqual([[], [result], []]);
  expect(askers.size).toBe(0);
});

test('one that is answered while it asks is forgotten too', async () => {
  const askers = createAskers();
  expect(await askers.ask((ticket) => askers.settle(ticket, [result]))).toEqual([result]);
  expect(askers.size).toBe(0);
});

test('one whose request cannot be sent is told why, and forgotten', async () => {
  const askers = createAskers();
  const answer = askers.ask(() => {
    throw new Error('no');
  });
  await expect(answer).rejects.toThrow('no');
  expect(askers.size).toBe(0);
});
