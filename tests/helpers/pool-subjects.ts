/** The same pool with the same worker, as a command, and twice in the library: what became of each value. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { createPool, type PoolOptions, type WorkerDiedError } from '../../src/index.ts';
import { becomes, inTime } from './eventually.ts';
import { launch, PROCSUP } from './procsup.ts';
import { told } from './told.ts';

export const WORKER = resolve(import.meta.dirname, '../fixtures/pool-worker.mjs');
export const COMMAND = `${process.execPath} ${WORKER}`;

export interface Settings {
  readonly size?: number;
  /** How often a value is tried again. */
  readonly retries?: number;
  readonly timeoutMs?: number;
  /** Of single values, where the subject can give each its own. */
  readonly timeoutsMs?: Readonly<Record<string, number>>;
  readonly recycleAfter?: number;
  readonly maxMemoryBytes?: number;
  /** The pool is told to give up this value when it has begun. */
  readonly abort?: string;
}

export interface Report {
  /** Of each value that was answered, what stands after its `=`. */
  readonly results: ReadonlyMap<string, string>;
  /** Of all others, how their workers have ended: `code 3`, `SIGKILL`; or `failed`. */
  readonly failed: ReadonlyMap<string, string>;
  /** Why the pool has given up, if it has. */
  readonly reason: string;
}

export type Subject = (root: string, values: readonly string[], settings: Settings) => Promise<Report>;

export const linesIn = (root: string, name: string): readonly string[] => {
  try {
    return readFileSync(join(root, name), 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
};
const begins = (root: string, value: string): Promise<boolean> =>
  becomes(() => linesIn(root, 'begun').includes(value));

const command: Subject = async (root, values, settings) => {
  const { size = 1, retries, timeoutMs, recycleAfter, maxMemoryBytes, abort } = settings;
  writeFileSync(join(root, 'values'), values.map((value) => `${value}\n`).join(''));
  const options = [
    ...['-j', String(size), '-k', '-a', 'values', '--joblog', 'log', '--framing', 'json'],
    ...(retries === undefined ? [] : ['--retries', String(retries + 1)]),
    ...(timeoutMs === undefined ? [] : ['--timeout', `${timeoutMs}ms`]),
    ...(recycleAfter === undefined ? [] : ['--recycle', String(recycleAfter)]),
    ...(maxMemoryBytes === undefined ? [] : ['--max-memory', `${maxMemoryBytes}B`]),
  ];
  const running = launch(PROCSUP, ['pool', ...options, '--worker', COMMAND], { cwd: root });
  if (abort !== undefined) {
    await begins(root, abort);
    const heard = told(running.child, 'starting no more jobs');
    running.child.kill('SIGINT');
    await heard;
    running.child.kill('SIGINT');
  }
  const { stdout, stderr } = await inTime(running.ended, 'it ends');
  const failed = linesIn(root, 'log')
    .slice(1)
    .flatMap((line): [string, string][] => {
      const [, , , , , , exit, signal, message = ''] = line.split('\t');
      if (signal === '9') return [[message, 'SIGKILL']];
      return exit === '0' ? [] : [[message, `code ${String(exit)}`]];
    });
  return { results: resultsOf(stdout.split('\n').slice(0, -1)), failed: new Map(failed), reason: stderr };
};

const ofTheLibrary =
  (made: Pick<PoolOptions, 'module' | 'command'>): Subject =>
  async (root, values, { size = 1, retries = 0, timeoutMs, timeoutsMs = {}, abort, ...replaced }) => {
    const pool = createPool<string, string>({ ...made, ...replaced, size, cwd: root } as PoolOptions);
    onTestFinished(() => inTime(pool.terminate(), 'the pool ends'));
    const aborted = new AbortController();
    const runs = values.map((value) =>
      pool.run(value, {
        retries,
        timeoutMs: timeoutsMs[value] ?? timeoutMs,
        signal: value === abort ? aborted.signal : undefined,
      }),
    );
    const over = Promise.allSettled(runs);
    if (abort !== undefined) {
      await begins(root, abort);
      aborted.abort();
    }
    const settled = await inTime(over, 'all are settled');
    await inTime(pool.close(), 'it ends');
    let reason = '';
    const failed = settled.flatMap((one, at): [string, string][] => {
      if (one.status === 'fulfilled') return [];
      const error = one.reason as Error & Partial<WorkerDiedError>;
      if ((error.code as string) === 'FAILED') reason = error.message;
      return [[values[at] ?? '', error.exit === undefined ? 'failed' : endOf(error.exit)]];
    });
    const answers = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    return { results: resultsOf(answers), failed: new Map(failed), reason };
  };

const endOf = (exit: WorkerDiedError['exit']): string =>
  'code' in exit ? `code ${String(exit.code)}` : 'signal' in exit ? exit.signal : exit.message;

const resultsOf = (answers: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    answers.map((answer) => [
      answer.slice(0, answer.lastIndexOf('=')),
      answer.slice(answer.lastIndexOf('=') + 1),
    ]),
  );

export const SUBJECTS: readonly (readonly [name: string, subject: Subject])[] = [
  ['procsup pool --worker', command],
  ['createPool({ command })', ofTheLibrary({ command: COMMAND, framing: 'json' } as never)],
  ['createPool({ module })', ofTheLibrary({ module: { file: WORKER, export: 'answer' } })],
];
