/** What a pool of long-lived workers promises, tried on the command and on both kinds of pools of the library. */
import { describe, expect, test } from 'vitest';
import { createPool } from '../../src/index.ts';
import { until } from '../helpers/eventually.ts';
import { COMMAND, linesIn, SUBJECTS, WORKER, type Settings } from '../helpers/pool-subjects.ts';
import { isAlive } from '../helpers/proc.ts';
import { launch, PROCSUP } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

const MEGABYTE = 'x'.repeat(1_000_000);
/** Far more than a worker takes to start: the time of its first value counts from there. */
const LATE_MS = 15_000;
/** For a value that does not come first. */
const SOON_MS = 500;

interface Case {
  readonly what: string;
  readonly values: readonly string[];
  /** How the worker ends that each of these costs; `any`: the value has failed. All others are answered. */
  readonly costs: Readonly<Record<string, string>>;
  readonly settings?: Settings;
  readonly files?: Readonly<Record<string, string>>;
}

const DYING = `reading ${MEGABYTE}`;
const CASES: readonly Case[] = [
  {
    what: 'all are answered',
    values: ['a', 'b c', "it's", '$x', '"', 'ä'],
    costs: {},
    settings: { size: 2 },
  },
  { what: 'a megabyte', values: [MEGABYTE, 'large:1000000', 'b'], costs: {} },
  // A limit of time: nothing is given ahead, so that it is the next message that kills.
  {
    what: 'dies reading the task',
    values: ['a', 'kill at the next message', DYING, 'b'],
    costs: { [DYING]: 'SIGKILL' },
    settings: { timeoutMs: 200_000 },
  },
  { what: 'dies in the task', values: ['a', 'kill', 'b', 'c'], costs: { kill: 'SIGKILL' } },
  { what: 'exits in the task', values: ['a', 'exit:3', 'b', 'c'], costs: { 'exit:3': 'code 3' } },
  {
    what: 'dies writing the result',
    values: ['a', 'kill in the answer', 'b'],
    costs: { 'kill in the answer': 'SIGKILL' },
  },
  {
    what: 'deaths in a row with answers between them',
    values: Array.from({ length: 14 }, (_, at) => (at % 2 === 0 ? `kill:${at}` : `${at}`)),
    costs: Object.fromEntries(Array.from({ length: 7 }, (_, at) => [`kill:${2 * at}`, 'SIGKILL'])),
  },
  { what: 'a retry', values: ['a', 'kill once:x', 'b'], costs: {}, settings: { retries: 1 } },
  {
    what: 'retries are counted',
    values: ['a', 'exit:4', 'b'],
    costs: { 'exit:4': 'code 4' },
    settings: { retries: 2 },
  },
  { what: 'no valid answer', values: ['a', 'no answer', 'b'], costs: { 'no answer': 'any' } },
  {
    what: 'a timeout',
    values: ['a', 'hang', 'b'],
    costs: { hang: 'any' },
    settings: { timeoutMs: LATE_MS, timeoutsMs: { hang: SOON_MS } },
  },
];

describe.each(SUBJECTS)('%s', (_name, subject) => {
  test.each(CASES)('$what', async ({ values, costs, settings = {}, files = {} }) => {
    const root = scratch(files);
    const { results, failed, reason } = await subject(root, values, settings);
    expect([...results.keys()], reason).toEqual(values.filter((value) => !(value in costs)));
    expect([...failed.keys()]).toEqual(Object.keys(costs));
    for (const [value, end] of Object.entries(costs)) if (end !== 'any') expect(failed.get(value)).toBe(end);
    // None is begun twice, but those that are tried again.
    const begun = linesIn(root, 'begun').filter((line) => !/^(?:kill once|exit:4)/.test(line));
    expect(new Set(begun).size).toBe(begun.length);
    expect(linesIn(root, 'pids').map(Number).filter(isAlive)).toEqual([]);
  });

  test('so often it is begun with retries, and no oftener', async () => {
    const root = scratch({});
    await subject(root, ['exit:4'], { retries: 2 });
    expect(linesIn(root, 'begun')).toEqual(['exit:4', 'exit:4', 'exit:4']);
  });

  test('after five deaths without an answer the pool has failed, with the reason', async () => {
    const root = scratch({ doomed: '' });
    const values = Array.from({ length: 12 }, (_, at) => String(at));
    const { results, reason } = await subject(root, values, {});
    expect([...results]).toEqual([]);
    expect(reason).toMatch(
      /workers in a row ended without an? (?:answer|result): the last one exited with code 7/,
    );
  });

  test('a worker is replaced after so many values', async () => {
    const root = scratch({});
    const { results } = await subject(root, ['1', '2', '3', '4', '5'], { recycleAfter: 2 });
    const [first, second, third, fourth, fifth] = results.values();
    expect([second, fourth]).toEqual([first, third]);
    expect(new Set([first, third, fifth]).size).toBe(3);
  });

  test.runIf(process.platform === 'linux')('one that takes too much memory is replaced', async () => {
    const root = scratch({});
    const values = ['grow:300000000', '2', '3'];
    // A limit of time: no more than the next value is given before it is found out.
    const settings = { maxMemoryBytes: 250_000_000, timeoutMs: 200_000 };
    const { results } = await subject(root, values, settings);
    expect(results.size).toBe(3);
    expect(new Set(results.values()).size).toBe(2);
  });

  test('an abort kills the worker that has begun the value', async () => {
    const root = scratch({});
    // What the second Ctrl-C stops is not in the job log: it runs again on --resume.
    const { results } = await subject(root, ['a', 'hang'], { abort: 'hang' });
    expect([...results.keys()]).toEqual(['a']);
    expect(linesIn(root, 'pids').map(Number).filter(isAlive)).toEqual([]);
  });
});

describe('a reader that comes late gets all, in order', () => {
  const values = Array.from({ length: 60 }, (_, at) => `large:${1_000_000 + at}`);
  const lengths = values.map((value) => value.length + 1 + Number(value.slice('large:'.length)));

  test('of the command', async () => {
    const root = scratch({ values: `${values.join('\n')}\n` });
    const late = '{ until [ "$(wc -l <begun)" -ge 5 ]; do sleep 0.02; done; awk "{ print length }"; }';
    const pool = `'${PROCSUP}' pool -k -j2 -a values --framing json --worker '${COMMAND}'`;
    const { stdout, status } = await launch('sh', ['-c', `: >begun; ${pool} | ${late}`], { cwd: root }).ended;
    expect(stdout.trim().split('\n').map(Number)).toEqual(lengths);
    expect(status).toBe(0);
  });

  test.each([
    ['command', { command: COMMAND, framing: 'json' as const }],
    ['module', { module: { file: WORKER, export: 'answer' } }],
  ])('of createPool({ %s })', async (_kind, made) => {
    const root = scratch({});
    const pool = createPool<string, string>({ ...made, size: 2, cwd: root });
    const taken: number[] = [];
    for await (const result of pool.imap(values, { inFlight: 5 })) {
      taken.push(result.length);
      const room = Math.min(taken.length + 5, values.length);
      await until(() => linesIn(root, 'begun').length >= room, 'what there is room for is begun');
      expect(linesIn(root, 'begun')).toHaveLength(room);
    }
    expect(taken).toEqual(lengths);
    await pool.close();
  });
});
