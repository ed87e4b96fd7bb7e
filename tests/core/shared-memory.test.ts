import { describe, expect, test } from 'vitest';
import { sharedMemoryVariable, sizeFor, whyNoRoom, whyNotNew } from '../../src/core/shared-memory.ts';

const MIB = 1024 * 1024;

test.each([
  ['frames', 'PROCSUP_SHM_FRAMES'],
  ['my-frames', 'PROCSUP_SHM_MY_FRAMES'],
  ['a_1', 'PROCSUP_SHM_A_1'],
])('the variable of %s', (name, variable) => {
  expect(sharedMemoryVariable(name)).toBe(variable);
});

describe('a new name', () => {
  test.each([
    ['b', [], undefined],
    ['b', ['a'], undefined],
    ['a', ['b', 'a'], "shared memory 'a' already exists"],
    ['x-y', ['x_y'], "shared memory 'x-y' would have the variable PROCSUP_SHM_X_Y of 'x_y'"],
    ['X', ['x'], "shared memory 'X' would have the variable PROCSUP_SHM_X of 'x'"],
  ])('%s beside %o', (name, existing, message) => {
    expect(whyNotNew(name, existing)?.message).toBe(message);
  });
});

describe('the size', () => {
  const file = (bytes: number) => ({ path: '/m', bytes });
  test.each([
    [100, undefined, 100],
    [undefined, file(7), 7],
    [100, file(7), 100],
    [7, file(7), 7],
  ])('%o with %o', (bytes, from, size) => {
    expect(sizeFor('a', bytes, from)).toBe(size);
  });
  test.each([
    [0, undefined, "cannot create shared memory 'a' of 0 bytes"],
    [undefined, undefined, "cannot create shared memory 'a' of 0 bytes"],
    [0, file(7), "cannot create shared memory 'a' of 0 bytes"],
    [undefined, file(0), "cannot create shared memory 'a' of an empty file: '/m'"],
    [6, file(7), "'/m' does not fit into shared memory 'a' (7B, and 6B)"],
  ])('%o with %o is refused', (bytes, from, message) => {
    expect(sizeFor('a', bytes, from)).toMatchObject({ code: 'invalid-size', message });
  });
});

describe('room', () => {
  const room = { place: '/dev/shm', freeBytes: 10 * MIB, totalBytes: 64 * MIB };
  test.each([
    [10 * MIB, room, undefined],
    [10 * MIB + 1, room, "cannot create shared memory 'a' of 10485761B: /dev/shm has 10 MiB free of 64 MiB"],
    [5 * MIB, { ...room, memoryBytes: 5 * MIB }, undefined],
    [
      6 * MIB,
      { ...room, memoryBytes: 5.25 * MIB },
      "cannot create shared memory 'a' of 6MiB: 5.3 MiB of memory are available",
    ],
    [
      1,
      { ...room, freeBytes: 0 },
      "cannot create shared memory 'a' of 1B: /dev/shm has 0 bytes free of 64 MiB",
    ],
  ])('%i bytes', (bytes, given, message) => {
    expect(whyNoRoom('a', bytes, given)?.message).toBe(message);
  });
});
