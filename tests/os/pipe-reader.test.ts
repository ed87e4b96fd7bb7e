import { openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readInto } from '../../src/os/pipe-reader.ts';

test('a descriptor that cannot be watched is at its end, and no error', async () => {
  const fd = openSync(import.meta.filename, 'r');
  await new Promise<void>((ended) => {
    const reader = readInto(Buffer.alloc(10))(fd, { data: () => undefined, end: ended });
    reader.pause();
    reader.resume();
  });
  expect(fd).toBeGreaterThan(2);
});
