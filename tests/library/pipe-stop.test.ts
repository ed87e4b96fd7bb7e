import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { pipe, type PipeError } from '../../src/index.ts';
import { withEnvironment } from '../helpers/proc.ts';

/** Its variable finds everything that was started. */
function marked(): {
  readonly env: Readonly<Record<string, string>>;
  readonly living: () => readonly unknown[];
} {
  const mark = randomUUID();
  return { env: { TEST_MARK: mark }, living: () => withEnvironment(`TEST_MARK=${mark}`) };
}

/** Resolves when the last stage has said something. */
function untilHeard(stdout: PassThrough): Promise<unknown> {
  return new Promise((resolve) => stdout.once('data', resolve));
}

test('a signal that was aborted before starts nothing', async () => {
  const { env, living } = marked();
  const stdout = new PassThrough();
  const reason = new Error('too late');
  const signal = AbortSignal.abort(reason);
  await expect(pipe(['sleep', '1000'], { signal, env, stdout })).rejects.toBe(reason);
  expect(living()).toEqual([]);
  expect(stdout.destroyed).toBe(true);
});

test('one that is aborted meanwhile ends everything that was started, then rejects', async () => {
  const { env, living } = marked();
  const controller = new AbortController();
  const stdout = new PassThrough();
  const ignoring = "trap '' TERM; echo ready; while :; do sleep 1; done";
  const leaving = 'setsid sleep 1000 & exec sleep 1000';
  const signal = controller.signal;
  const running = pipe(leaving, ignoring, { signal, env, stdout, killAfterMs: 50 });
  await untilHeard(stdout);
  expect(living().length).toBeGreaterThanOrEqual(3);
  const reason = { any: 'thing' };
  controller.abort(reason);
  await expect(running).rejects.toBe(reason);
  expect(living()).toEqual([]);
  expect(stdout.destroyed).toBe(true);
});

test('the time may be over', async () => {
  const { env, living } = marked();
  await pipe(['true'], ['true']);
  const late = pipe('echo said; exec sleep 1000', ['cat'], { env, timeoutMs: 1000 });
  const error: PipeError = await late.then(
    () => expect.unreachable(),
    (thrown: unknown) => thrown as PipeError,
  );
  expect(error).toMatchObject({ name: 'PipeError', code: 'PIPE_TIMEOUT' });
  expect(error.message).toContain('timed out after 1000 ms');
  expect(error.result.stages[0]?.exit).toEqual({ signal: 'SIGTERM' });
  expect(living()).toEqual([]);
});

test('a stop ends the wait for who is left in the background, and whoever that is', async () => {
  const { env, living } = marked();
  const controller = new AbortController();
  const stdout = new PassThrough();
  const running = pipe('sleep 1000 & echo ready', { env, stdout, signal: controller.signal });
  await untilHeard(stdout);
  controller.abort();
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  expect(living()).toEqual([]);
});

test('a stop ends the wait for a stream that never takes its last bytes', async () => {
  const controller = new AbortController();
  const stdout = new PassThrough({ highWaterMark: 1 });
  const finish = stdout.end.bind(stdout);
  stdout.end = () => {
    controller.abort();
    return finish();
  };
  const running = pipe(['head', '-c', '100000', '/dev/zero'], { stdout, signal: controller.signal });
  stdout.once('readable', () => stdout.resume());
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
});
