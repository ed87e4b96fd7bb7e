import { expect, test } from 'vitest';
import { runIdOf } from '../../src/runtime/run-id.ts';

test('no run id is the beginning of another', () => {
  const ids = [
    runIdOf('M:', 'a.1', 1),
    runIdOf('M:', 'a.1', 10),
    runIdOf('M:', 'a.10', 1),
    runIdOf('N:', 'a.1', 1),
  ];
  for (const id of ids) expect(ids.filter((other) => other.startsWith(id))).toEqual([id]);
  expect(ids[0]).toBe('M:a.1:1:');
});
