import { expect, test } from 'vitest';
import { createPutBudget } from '../../../src/control/session/put-budget.ts';

const MIB = 1024 * 1024;

test('what waits for room is bounded, whoever has put it', async () => {
  const withRoom = createPutBudget(3 * MIB);
  let settle: (answer: string) => void = () => undefined;
  const first = withRoom(2 * MIB, () => new Promise<string>((resolve) => (settle = resolve)));
  const refused = { status: 503, code: 'busy', message: expect.stringContaining('3 MiB') as string };
  await expect(withRoom(MIB + 1, () => Promise.resolve('too much'))).rejects.toMatchObject(refused);
  expect(await withRoom(MIB, () => Promise.resolve('just fits'))).toBe('just fits');
  settle('stored');
  expect(await first).toBe('stored');
  // One that was refused takes no room any more either.
  await expect(withRoom(3 * MIB, () => Promise.reject(new Error('full')))).rejects.toThrow('full');
  expect(await withRoom(3 * MIB, () => Promise.resolve('all'))).toBe('all');
});
