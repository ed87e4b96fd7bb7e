import { createHash } from 'node:crypto';
import { PassThrough, Readable, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { pipe, type PipeInput } from '../../src/index.ts';
import { until } from '../helpers/eventually.ts';

const BLOCK = Buffer.from(Array.from({ length: 1 << 20 }, (_, at) => (at * 31 + (at >> 8)) & 255));

interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

describe('input', () => {
  test('is nothing unless it is given', async () => {
    expect((await pipe(['cat'])).stdout).toHaveLength(0);
  });

  async function* generator() {
    yield 'grü';
    await Promise.resolve();
    yield Buffer.from('ße');
  }

  test.each<[form: string, input: PipeInput]>([
    ['text', 'grüße'],
    ['bytes', new TextEncoder().encode('grüße')],
    ['a stream', Readable.from(['grü', Buffer.from('ße')])],
    ['a stream of the web', new Blob(['grüße']).stream()],
    ['a generator', generator()],
  ])('may be %s', async (_, input) => {
    expect((await pipe(['cat'], { input })).stdout.toString()).toBe('grüße');
  });

  test('that is empty is an end at once', async () => {
    expect((await pipe(['wc', '-c'], { input: '' })).stdout.toString().trim()).toBe('0');
  });

  test('is not "inherit" because it says so', async () => {
    expect((await pipe(['cat'], { input: 'inherit' })).stdout.toString()).toBe('inherit');
  });

  test('that is not read is no failure, and is destroyed', async () => {
    expect((await pipe(['true'], { input: BLOCK })).status).toBe(0);
    const idle = new Readable({ read: () => undefined });
    expect((await pipe(['true'], { input: idle })).status).toBe(0);
    expect(idle.destroyed).toBe(true);
  });

  test('does not run ahead of its reader', async () => {
    let given = 0;
    const input = Readable.from(
      (async function* () {
        for (; given < 1000; given += 1) {
          await Promise.resolve();
          yield BLOCK;
        }
      })(),
    );
    const result = await pipe(['head', '-c', '1'], { input });
    expect(result.stdout).toHaveLength(1);
    expect(given).toBeLessThan(50);
  });

  test('that fails stops the pipeline', async () => {
    const cause = new Error('the source is dry');
    const input = (async function* () {
      yield 'a';
      await Promise.resolve();
      throw cause;
    })();
    const failing = pipe(['cat'], 'cat; exec sleep 1000', { input });
    await expect(failing).rejects.toMatchObject({
      ...{ name: 'PipeError', code: 'PIPE_INPUT', cause },
      result: { stages: [{ command: 'cat' }, { exit: { signal: 'SIGTERM' } }] },
    });
  });

  test('that is no bytes is such a failure', async () => {
    const input = Readable.from([{ not: 'bytes' }]) as AsyncIterable<string>;
    await expect(pipe(['cat'], { input })).rejects.toMatchObject({ code: 'PIPE_INPUT' });
  });
});

test('all byte values pass through three stages, in order', async () => {
  const [sent, got] = [createHash('sha256'), createHash('sha256')];
  let gotBytes = 0;
  async function* make() {
    for (let at = 0; at < 64; at += 1) {
      await Promise.resolve();
      const block = BLOCK.subarray(at * 1009);
      sent.update(block);
      yield block;
    }
  }
  const stdout = new Writable({
    write(chunk: Buffer, _, done) {
      got.update(chunk);
      gotBytes += chunk.length;
      done();
    },
  });
  const result = await pipe(['cat'], ['cat'], ['cat'], { input: make(), stdout });
  expect(result).toMatchObject({ status: 0, stdout: null });
  expect(gotBytes).toBeGreaterThan(60 * BLOCK.length);
  expect(got.digest('hex')).toBe(sent.digest('hex'));
  expect(stdout.writableFinished).toBe(true);
});

describe('a stream as stdout', () => {
  test('that is slow makes the stage wait', async () => {
    let most = 0;
    let count = 0;
    const stdout = new Writable({
      highWaterMark: 1024,
      write(chunk: Buffer, _, done) {
        most = Math.max(most, stdout.writableLength);
        count += chunk.length;
        setImmediate(done);
      },
    });
    expect((await pipe(['head', '-c', '30000000', '/dev/zero'], { stdout })).status).toBe(0);
    expect(count).toBe(30_000_000);
    expect(most).toBeLessThanOrEqual(256 * 1024);
  });

  test('gets all that was written, though it is slower than the stages are dead', async () => {
    const [firstSeen, goOn] = [gate(), gate()];
    const chunks: Buffer[] = [];
    const stdout = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _, done) {
        chunks.push(chunk);
        firstSeen.open();
        void goOn.opened.then(() => done());
      },
    });
    async function* input() {
      await firstSeen.opened;
      yield 'now\n';
    }
    const running = pipe('echo first; read go; head -c 50000 /dev/zero', { input: input(), stdout });
    await until(() => stdout.writableLength === 50_006, 'all of it to be with the stream');
    goOn.open();
    expect((await running).status).toBe(0);
    expect(Buffer.concat(chunks)).toHaveLength(50_006);
  });

  test('may be one of the web', async () => {
    const texts: string[] = [];
    const decoder = new TextDecoder();
    let isClosed = false;
    const stdout = new WritableStream<Uint8Array>({
      write: (chunk) => void texts.push(decoder.decode(chunk)),
      close: () => void (isClosed = true),
    });
    await pipe(['echo', 'web'], { stdout });
    expect(texts.join('')).toBe('web\n');
    expect(isClosed).toBe(true);
  });

  test('that is destroyed is a reader that has gone', async () => {
    const stdout = new PassThrough();
    stdout.once('data', () => stdout.destroy());
    const result = await pipe(['yes'], ['cat'], { stdout });
    expect(result).toMatchObject({ status: 141, decidedBy: 1 });
    expect(stdout.listenerCount('drain')).toBe(0);
  });

  test('that fails stops the pipeline', async () => {
    const cause = new Error('disk full');
    const stdout = new Writable({ write: (_chunk, _encoding, done) => done(cause) });
    const failing = pipe('echo some; exec sleep 1000', { stdout });
    await expect(failing).rejects.toMatchObject({ code: 'PIPE_OUTPUT', cause });
  });

  test('is left as it was found, but ended', async () => {
    const stdout = new PassThrough();
    const names = ['drain', 'error', 'close', 'finish'];
    const count = () => names.map((name) => stdout.listenerCount(name));
    const before = count();
    await pipe(['echo', 'x'], { stdout });
    expect(count()).toEqual(before);
    expect(stdout.writableFinished).toBe(true);
    expect(String(stdout.read())).toBe('x\n');
  });
});

describe('output in memory', () => {
  test('may be as long as maxBufferBytes, and no longer', async () => {
    const exact = await pipe(['head', '-c', '5000', '/dev/zero'], { maxBufferBytes: 5000 });
    expect(exact.stdout).toHaveLength(5000);
    const tooMuch = pipe(['yes'], { maxBufferBytes: 5000 });
    await expect(tooMuch).rejects.toMatchObject({ name: 'PipeError', code: 'PIPE_MAX_BUFFER' });
    await expect(tooMuch).rejects.toThrow('more than 5000 bytes on stdout');
    await expect(tooMuch).rejects.toHaveProperty('result.stdout.length', 5000);
  });

  test('is bounded on stderr as well', async () => {
    const tooMuch = pipe('yes >&2', { stderr: 'buffer', maxBufferBytes: 10 });
    await expect(tooMuch).rejects.toThrow('more than 10 bytes on stderr');
  });

  test('is large without harm', async () => {
    const { stdout } = await pipe(['head', '-c', '50000000', '/dev/zero'], ['tr', '\\0', 'x']);
    expect(stdout).toHaveLength(50_000_000);
    expect(stdout.subarray(-3).toString()).toBe('xxx');
  });

  test('does not wait for ever for who is left in the background', async () => {
    const { stdout, status } = await pipe('sleep 1000 & echo $!');
    const pid = Number(stdout.toString());
    expect(status).toBe(0);
    process.kill(pid, 'SIGKILL');
  });
});
