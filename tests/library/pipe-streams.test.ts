/** Streams that are given to `pipe()` and then ended, destroyed or broken by somebody else, at whatever moment. */
import { PassThrough, Readable, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { pipe } from '../../src/index.ts';

const swallow = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });
/** Never says that it was destroyed. */
const silent = (): Writable => new Writable({ emitClose: false, write: (_chunk, _encoding, done) => done() });
const broken = new Error('broken');
const brokenPipe = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });

describe('stdout that is gone right after the call', () => {
  test.each<[string, () => Writable, (stream: Writable) => void]>([
    ['destroyed', swallow, (stream) => stream.destroy()],
    ['ended', swallow, (stream) => stream.end()],
    ['destroyed without a word', silent, (stream) => stream.destroy()],
    ['ended without a close', silent, (stream) => stream.end()],
    ['broken by its reader', swallow, (stream) => stream.destroy(brokenPipe)],
  ])('%s: the last stage gets SIGPIPE', async (_how, make, takeAway) => {
    const stdout = make();
    const running = pipe(['yes'], ['cat'], { stdout });
    takeAway(stdout);
    expect(await running).toMatchObject({ status: 141, stages: [{}, { exit: { signal: 'SIGPIPE' } }] });
  });

  test.each<[string, (stream: Writable) => void]>([
    ['destroyed', (stream) => stream.destroy()],
    ['ended', (stream) => stream.end()],
  ])('%s: a stage that says nothing does not notice', async (_how, takeAway) => {
    const stdout = swallow();
    const running = pipe(['true'], { stdout });
    takeAway(stdout);
    expect((await running).status).toBe(0);
  });

  test.each<[string, () => Writable]>([
    ['closed by itself', swallow],
    ['never closed', () => new Writable({ autoDestroy: false, emitClose: false })],
  ])('failed, and %s: the pipeline is stopped', async (_how, make) => {
    const stdout = make();
    const running = pipe(['sleep', '1000'], { stdout });
    stdout.destroy(broken);
    await expect(running).rejects.toMatchObject({ code: 'PIPE_OUTPUT', cause: broken });
  });
});

test('stdout that cannot be closed but fails before it is written to', async () => {
  const stdout = new Writable({ autoDestroy: false, write: (_chunk, _encoding, done) => done() });
  const running = pipe(['sleep', '1000'], { stdout });
  stdout.emit('error', broken);
  await expect(running).rejects.toMatchObject({ code: 'PIPE_OUTPUT', cause: broken });
});

test.each<[string, (stream: Writable) => void]>([
  ['destroyed', (stream) => stream.destroy()],
  ['ended', (stream) => void stream.end()],
])('stdout that is %s in between, without a close, and never takes what it has', async (_how, takeAway) => {
  const stdout = new Writable({
    ...{ emitClose: false, highWaterMark: 1 },
    write(_chunk, _encoding, done) {
      takeAway(stdout);
      if (stdout.writableEnded) done();
    },
  });
  expect(await pipe(['yes'], { stdout })).toMatchObject({ status: 141 });
});

test('stdout that fails in its last moment stops nothing any more, and is told', async () => {
  const stdout = new Writable({
    write: (_chunk, _encoding, done) => done(),
    final: (done) => done(broken),
  });
  const failing = pipe(['echo', 'x'], { stdout });
  await expect(failing).rejects.toMatchObject({ code: 'PIPE_OUTPUT', cause: broken });
});

test.each<[string, (stream: Writable) => void]>([
  ['destroyed', (stream) => stream.destroy()],
  ['ended', (stream) => void stream.end()],
  ['broken', (stream) => stream.on('error', () => undefined).destroy(broken)],
])('stdout that was %s before is a wrong argument', async (_how, takeAway) => {
  const stdout = swallow();
  takeAway(stdout);
  await expect(pipe(['true'], { stdout })).rejects.toThrow(TypeError);
});

test('a web stream as stdout that was closed or broken before is one that fails', async () => {
  const closed = new WritableStream();
  await closed.close();
  await expect(pipe(['yes'], { stdout: closed })).rejects.toMatchObject({ code: 'PIPE_OUTPUT' });
  const aborted = new WritableStream();
  await aborted.abort(broken);
  await expect(pipe(['yes'], { stdout: aborted })).rejects.toMatchObject({ code: 'PIPE_OUTPUT' });
});

test('a signal that was aborted before, and a stdout that is destroyed right after', async () => {
  const stdout = silent();
  const running = pipe(['sleep', '1000'], { stdout, signal: AbortSignal.abort() });
  stdout.destroy();
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
});

describe('input', () => {
  const endless = (options = {}): Readable => new Readable({ ...options, read: () => undefined });

  test.each<[string, Readable, (stream: Readable) => void]>([
    ['destroyed', endless(), (stream) => stream.destroy()],
    ['destroyed without a word', endless({ emitClose: false }), (stream) => stream.destroy()],
    ['broken', endless(), (stream) => stream.destroy(broken)],
    [
      'broken without a close',
      endless({ emitClose: false, autoDestroy: false }),
      (stream) => stream.destroy(broken),
    ],
  ])('that is %s right after the call stops the pipeline', async (_how, input, takeAway) => {
    const running = pipe(['cat'], { input });
    takeAway(input);
    await expect(running).rejects.toMatchObject({ code: 'PIPE_INPUT' });
  });

  test.each<[string, Readable]>([
    ['destroyed', endless()],
    ['destroyed without a word', endless({ emitClose: false })],
  ])('that was %s before stops the pipeline', async (_how, input) => {
    input.destroy();
    await expect(pipe(['cat'], { input })).rejects.toMatchObject({ code: 'PIPE_INPUT' });
  });

  test('that was broken before stops the pipeline', async () => {
    const input = endless().on('error', () => undefined);
    input.destroy(broken);
    await expect(pipe(['cat'], { input })).rejects.toMatchObject({ code: 'PIPE_INPUT', cause: broken });
  });

  test.each([{}, { emitClose: false }])(
    'that is destroyed when it has been read from, with %j',
    async (options) => {
      const input = endless(options);
      input.push('first\n');
      const stdout = new PassThrough();
      stdout.once('data', () => input.destroy());
      await expect(pipe(['cat'], { input, stdout })).rejects.toMatchObject({ code: 'PIPE_INPUT' });
    },
  );

  test('that was read to its end before is an end at once', async () => {
    const input = Readable.from(['x']);
    await input.toArray();
    expect((await pipe(['cat'], { input })).stdout).toHaveLength(0);
  });
});

test('twenty pipelines that print on one stream make Node warn of no leak, and leave no listener', async () => {
  const stdout = swallow();
  const warnings: string[] = [];
  const onWarning = ({ message }: Error): void => void warnings.push(message);
  process.on('warning', onWarning);
  const before = stdout.eventNames().map((name) => [name, stdout.listenerCount(name)]);
  await Promise.all(Array.from({ length: 20 }, () => pipe(['true'], { stdout })));
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
  expect(stdout.eventNames().map((name) => [name, stdout.listenerCount(name)])).toEqual(before);
});
