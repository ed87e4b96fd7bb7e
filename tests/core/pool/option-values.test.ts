import { describe, expect, test } from 'vitest';
import * as read from '../../../src/core/pool/option-values.ts';

const CORES = 4;

describe('-j', () => {
  test.each([
    ['3', 3],
    ['+2', 6],
    ['-1', 3],
    ['-9', 1],
    ['50%', 2],
    ['1%', 1],
    ['250%', 10],
    ['0', 250],
    ['10000', 10_000],
  ])('%s', (text, value) => {
    expect(read.readSlots(text, CORES)).toEqual({ value });
  });

  test.each(['', 'x', '1.5', '+50%', '-50%', '0%', '10001', '1e3', '4 '])('%j is invalid', (text) => {
    expect(read.readSlots(text, CORES)).toHaveProperty('remedy');
  });
});

describe('--halt', () => {
  test.each([
    ['never', null],
    ['0', null],
    ['now,fail=1', { when: 'now', on: 'fail', limit: { jobs: 1 } }],
    ['soon,success=20', { when: 'soon', on: 'success', limit: { jobs: 20 } }],
    ['now,done=50%', { when: 'now', on: 'done', limit: { share: 0.5 } }],
    ['1', { when: 'soon', on: 'fail', limit: { jobs: 1 } }],
    ['2', { when: 'now', on: 'fail', limit: { jobs: 1 } }],
    ['-1', { when: 'soon', on: 'success', limit: { jobs: 1 } }],
    ['-2', { when: 'now', on: 'success', limit: { jobs: 1 } }],
    ['30%', { when: 'soon', on: 'fail', limit: { share: 0.3 } }],
  ])('%s', (text, value) => {
    expect(read.readHalt(text)).toEqual({ value });
  });

  test.each([
    '',
    'soon',
    'now',
    'fail=1',
    'now,fail',
    'now,fail=0',
    'now,fail=0%',
    'now,fail=101%',
    'now,fail=x',
    '3',
    'later,fail=1',
  ])('%j is invalid', (text) => {
    expect(read.readHalt(text)).toHaveProperty('remedy');
  });
});

describe('--timeout', () => {
  test.each([
    ['2', { ms: 2000 }],
    ['1m30s', { ms: 90_000 }],
    ['200%', { timesMedian: 2 }],
    ['0', null],
  ])('%s', (text, value) => {
    expect(read.readJobTimeout(text)).toEqual({ value });
  });

  test.each(['', 'x', '0%', '-1', '%', '5q'])('%j is invalid', (text) => {
    expect(read.readJobTimeout(text)).toHaveProperty('remedy');
  });
});

describe('--nice', () => {
  test.each([
    ['7', 0, false, 7],
    ['0', 0, false, 0],
    ['+19', 5, false, 19],
    ['-20', 0, true, -20],
    ['3', 5, true, 3],
  ])('%s beside %i (root: %s)', (text, own, isRoot, value) => {
    expect(read.readNiceness(text, own, isRoot)).toEqual({ value });
  });

  test('only root may go below the own one', () => {
    expect(read.readNiceness('4', 5, false)).toEqual({
      message: 'cannot run jobs at niceness 4: permission denied',
      remedy: "use 5, which is procsup's own, or more",
    });
  });
});

test('--retries, -N, --colsep, -d and --load', () => {
  expect(read.readAttempts('3')).toEqual({ value: 3 });
  expect(read.readAttempts('0')).toEqual({ value: Infinity });
  expect(read.readAttempts('-1')).toHaveProperty('remedy');
  expect(read.readRecordsPerJob('0')).toEqual({ value: 0 });
  expect(read.readRecordsPerJob('x')).toHaveProperty('remedy');
  expect(read.readColumnSeparator(String.raw`\t`)).toEqual({ value: /\t/u });
  expect(read.readColumnSeparator('(')).toMatchObject({ message: "invalid pattern '(': Unterminated group" });
  expect(read.readDelimiter(',')).toEqual({ value: 44 });
  expect(read.readDelimiter(String.raw`\n`)).toEqual({ value: 10 });
  expect(read.readDelimiter('ab')).toHaveProperty('remedy');
  expect(read.readDelimiter('ä')).toHaveProperty('remedy');
  expect(read.readLoad('2.5', CORES)).toEqual({ value: 2.5 });
  expect(read.readLoad('50%', CORES)).toEqual({ value: 2 });
  expect(read.readLoad('0', CORES)).toHaveProperty('remedy');
});
