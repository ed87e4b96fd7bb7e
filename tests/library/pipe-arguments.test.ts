import { PassThrough } from 'node:stream';
import { expect, expectTypeOf, test } from 'vitest';
import { pipe, type PipeResult } from '../../src/index.ts';

const loosely = pipe as (...args: readonly unknown[]) => Promise<PipeResult>;

const ended = new PassThrough();
ended.end();
const locked = new WritableStream();
locked.getWriter();

test.each<[told: string, args: readonly unknown[]]>([
  ['at least one stage is required', []],
  ['at least one stage is required', [{ stdout: 'inherit' }]],
  ['stage 1 must name a program', [[]]],
  ['stage 2 must name a program', [['true'], ['']]],
  ['stage 1 is empty', [' \n']],
  ['stage 1 must be a command line', [['true', 1]]],
  ['stage 2 must be a command line', [['true'], 7]],
  ['stage 1 must be a command line', [{ command: undefined }]],
  ['stage 1 contains a NUL byte', [['echo', 'a\0b']]],
  ['stage 1 contains a NUL byte', ['echo a\0b']],
  ["unknown property 'comand' in stage 1", [{ command: 'true', comand: 'true' }]],
  ['stage 1: joinStderr must be true or false', [{ command: 'true', joinStderr: 1 }]],
  ['stage 1: env: A must be a string', [{ command: 'true', env: { A: 1 } }]],
  ["env: invalid variable name 'A=B'", ['true', { env: { 'A=B': '' } }]],
  ['env: A contains a NUL byte', ['true', { env: { A: '\0' } }]],
  ['env must be an object', ['true', { env: [] }]],
  ["unknown property 'stdut' in options (known: cwd, env,", ['true', { stdut: 'inherit' }]],
  ["stdout must be 'buffer' or 'inherit' or 'ignore', or a writable stream", ['true', { stdout: 'pipe' }]],
  ['stdout is a stream that has ended', ['true', { stdout: ended }]],
  ['stdout is a locked stream', ['true', { stdout: locked }]],
  ["stderr must be 'buffer'", ['true', { stderr: new PassThrough() }]],
  ["stdin must be 'ignore' or 'inherit'", ['true', { stdin: 'text' }]],
  ['input must be a string, bytes,', ['true', { input: 7 }]],
  ['stdin and input cannot be combined', ['true', { stdin: 'inherit', input: '' }]],
  ['signal must be an AbortSignal', ['true', { signal: {} }]],
  ['cwd must be a path', ['true', { cwd: '' }]],
  ['killAfterMs must be a number from 0', ['true', { killAfterMs: -1 }]],
  ['timeoutMs must be a number from 1 to 2147483647', ['true', { timeoutMs: 2 ** 31 }]],
  ['timeoutMs must be', ['true', { timeoutMs: Number.NaN }]],
  ['maxBufferBytes must be', ['true', { maxBufferBytes: '1' }]],
  ['stats must be true or false', ['true', { stats: 'json' }]],
])('%s', async (told, args) => {
  const refused = loosely(...args);
  await expect(refused).rejects.toBeInstanceOf(TypeError);
  await expect(refused).rejects.toThrow(`pipe(): ${told}`);
});

test('the types know what the result holds', async () => {
  const { stdout, stderr } = await pipe(['true']);
  expectTypeOf(stdout).toEqualTypeOf<Buffer>();
  expectTypeOf(stderr).toEqualTypeOf<null>();
  const other = await pipe('true', ['true'], { stdout: 'ignore', stderr: 'buffer' });
  expectTypeOf(other.stdout).toEqualTypeOf<null>();
  expectTypeOf(other.stderr).toEqualTypeOf<Buffer>();
  const timed = await pipe(['true'], { timeoutMs: 60_000 });
  expectTypeOf(timed.stdout).toEqualTypeOf<Buffer>();
  expectTypeOf((await pipe(['true'], { stdout: new PassThrough() })).stdout).toEqualTypeOf<null>();
  const undecided: 'buffer' | 'ignore' = Math.random() < 2 ? 'buffer' : 'ignore';
  const maybe = await pipe(['true'], { stdout: undecided });
  expectTypeOf(maybe.stdout).toEqualTypeOf<Buffer | null>();
});

test('and refuse what would be refused', () => {
  const never = (): readonly Promise<unknown>[] => [
    // @ts-expect-error there is no stage
    pipe(),
    // @ts-expect-error it has no program
    pipe([]),
    // @ts-expect-error there is no such option
    pipe(['true'], { stdut: 'inherit' }),
    // @ts-expect-error one or the other
    pipe(['cat'], { stdin: 'inherit', input: 'text' }),
    // @ts-expect-error options come last
    pipe({ stdout: 'inherit' }, ['true']),
    // @ts-expect-error no word of it
    pipe(['true'], { stdout: 'pipe' }),
  ];
  expect(never).toBeTypeOf('function');
});
