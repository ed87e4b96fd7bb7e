import { describe, expect, test } from 'vitest';
import {
  expectedMs,
  fullBudget,
  memoryOf,
  refilled,
  spent,
  treesToRead,
  type MeasuredTree,
  type PssReading,
} from '../../src/core/tree-memory.ts';

const MIB = 1024 * 1024;
const NOW_MS = 1_000_000;

/** Six processes of 60 MiB that share 50. */
const server: MeasuredTree = { born: 7, youngest: 9, processes: 6, residentBytes: 360 * MIB };
const program: MeasuredTree = { born: 7, youngest: 7, processes: 1, residentBytes: 40 * MIB };

const reading = (tree: MeasuredTree, agoMs: number, pssBytes: number | null = 60 * MIB): PssReading => ({
  ...tree,
  atMs: NOW_MS - agoMs,
  pssBytes,
});

describe('the memory of a tree', () => {
  test.each<[string, MeasuredTree, PssReading | undefined, ReturnType<typeof memoryOf>]>([
    ['never read', server, undefined, { bytes: 360 * MIB, kind: 'rss' }],
    ['refused', server, reading(server, 0, null), { bytes: 360 * MIB, kind: 'rss' }],
    ['read', server, reading(server, 0), { bytes: 60 * MIB, kind: 'pss' }],
    [
      'grown since',
      { ...server, residentBytes: 720 * MIB },
      reading(server, 1000),
      { bytes: 120 * MIB, kind: 'pss' },
    ],
    [
      'of less than its resident memory was read, which a growing program can make more',
      program,
      reading({ ...program, residentBytes: 30 * MIB }, 0, 35 * MIB),
      { bytes: 40 * MIB, kind: 'pss' },
    ],
    [
      'a worker was replaced since',
      { ...server, youngest: 10 },
      reading(server, 1000),
      { bytes: 60 * MIB, kind: 'pss' },
    ],
    [
      'workers were forked since',
      server,
      reading({ ...server, processes: 1, residentBytes: 60 * MIB }, 1000),
      { bytes: 360 * MIB, kind: 'rss' },
    ],
    [
      'all workers have ended since',
      { ...server, processes: 1, residentBytes: 60 * MIB },
      reading(server, 1000),
      { bytes: 60 * MIB, kind: 'rss' },
    ],
    [
      'another program has its pid',
      { ...server, born: 8 },
      reading(server, 1000),
      { bytes: 360 * MIB, kind: 'rss' },
    ],
  ])('%s', (_, tree, known, memory) => {
    expect(memoryOf(tree, known)).toEqual(memory);
  });
});

describe('a tree is read', () => {
  test.each<[string, MeasuredTree, PssReading | undefined, boolean]>([
    ['at first', server, undefined, true],
    ['not again at once', server, reading(server, 1000), false],
    ['after 5 s, for pages that are written are shared no more', server, reading(server, 5000), true],
    ['of one process after 60 s', program, reading(program, 60_000), true],
    ['of one process not before', program, reading(program, 59_999), false],
    ['when a member was forked', server, reading({ ...server, processes: 5 }, 0), true],
    ['when a member was replaced', { ...server, youngest: 10 }, reading(server, 0), true],
    ['when it has grown by an eighth', { ...server, residentBytes: 406 * MIB }, reading(server, 0), true],
    ['not when it has grown by less', { ...server, residentBytes: 404 * MIB }, reading(server, 0), false],
    [
      'not when less than 1 MiB came or went',
      { ...program, residentBytes: 2 * MIB },
      reading({ ...program, residentBytes: 1.5 * MIB }, 0),
      false,
    ],
    ['when another program has its pid', { ...server, born: 8 }, reading(server, 0, null), true],
    ['not again after a refusal', { ...server, processes: 9 }, reading(server, 59_999, null), false],
    ['once in 60 s after a refusal', server, reading(server, 60_000, null), true],
    ['not when nothing of it lives', { ...server, processes: 0 }, undefined, false],
  ])('%s', (_, tree, known, isRead) => {
    const readings = new Map(known === undefined ? [] : [['a', known]]);
    expect(treesToRead(new Map([['a', tree]]), readings, fullBudget(NOW_MS))).toEqual(isRead ? ['a'] : []);
  });
});

test('the largest of those that were never read come first, then the oldest readings', () => {
  const large = { ...server, residentBytes: 500 * MIB };
  const trees = new Map([
    ['recent', server],
    ['small', program],
    ['old', server],
    ['large', large],
    ['forked', server],
  ]);
  const readings = new Map([
    ['recent', reading(server, 6000)],
    ['old', reading(server, 7000)],
    ['forked', reading(program, 0)],
  ]);
  const inOrder = ['large', 'forked', 'small', 'old', 'recent'];
  expect(treesToRead(trees, readings, fullBudget(NOW_MS))).toEqual(inOrder);
});

test('what does not fit into the budget is left out, and what does is read', () => {
  const huge = { ...server, residentBytes: 100_000 * MIB };
  const trees = new Map([
    ['huge', huge],
    ['first', server],
    ['second', server],
    ['program', program],
  ]);
  const budget = (leftMs: number) => ({ leftMs, atMs: NOW_MS });
  expect(treesToRead(trees, new Map(), fullBudget(NOW_MS))).toEqual(['first', 'second', 'program']);
  const enough = expectedMs(server) + expectedMs(program);
  expect(treesToRead(trees, new Map(), budget(enough))).toEqual(['first', 'program']);
  expect(treesToRead(trees, new Map(), budget(0))).toEqual([]);
  expect(treesToRead(trees, new Map(), budget(-1))).toEqual([]);
});

test('the budget is 1 % of the time, and at most 100 ms', () => {
  const begun = spent(fullBudget(0), 130);
  expect(begun.leftMs).toBe(-30);
  expect(refilled(begun, 1000).leftMs).toBe(-20);
  expect(refilled(refilled(begun, 1000), 5000).leftMs).toBe(20);
  expect(refilled(begun, 1e6).leftMs).toBe(100);
});

test('a reading is expected to take 30 µs for each process and 20 ms for each 1000 MiB', () => {
  expect(expectedMs({ processes: 10, residentBytes: 0 })).toBeCloseTo(0.3);
  expect(expectedMs({ processes: 0, residentBytes: 1000 * MIB })).toBeCloseTo(20);
});
