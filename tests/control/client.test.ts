import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  createClient,
  errorOf,
  SILENT,
  Unreachable,
  type ErrorBody,
  type Query,
} from '../../src/control/client.ts';
import { serveFakeDesk } from '../helpers/control-socket.ts';
import { until } from '../helpers/eventually.ts';
import { logLine } from '../helpers/fake-api.ts';
import { scratch } from '../helpers/scratch.ts';

/** A server that says these words to whoever connects, as soon as it was asked, then perhaps hangs up. */
async function serveWords(words: readonly (string | Buffer)[], hangsUp: boolean): Promise<string> {
  const path = join(scratch(), 'words.sock');
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      const say = (at: number): void => {
        const piece = words[at];
        if (piece === undefined) {
          if (hangsUp) socket.destroy();
          return;
        }
        // Each in a read of its own.
        socket.write(piece, () => setImmediate(() => say(at + 1)));
      };
      say(0);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
  return path;
}

const OK = 'HTTP/1.1 200 OK\r\n';

/** A stream, and what came of it. */
function openStream(path: string, target: string, query: Query = {}) {
  const lines: unknown[] = [];
  const ends: (ErrorBody | undefined)[] = [];
  const stream = createClient(path).stream('GET', target, query, {
    line: (line) => void lines.push(line),
    ended: (error) => void ends.push(error),
  });
  onTestFinished(() => stream.close());
  return {
    stream,
    lines,
    ends,
    ended: () => until(() => ends.length > 0, `the end, after ${JSON.stringify(lines)}`),
  };
}

describe('questions', () => {
  test('are answered', async () => {
    const { path, api } = await serveFakeDesk();
    const client = createClient(path);
    expect(await client.get('/v1/supervisor')).toEqual({ status: 200, body: api.about() });
    const { body } = await client.get('/v1/processes', { names: ['web.1', 'worker'], details: true });
    expect(body).toMatchObject({ processes: [{ name: 'web.1', pss: 1000 }, { name: 'worker.1' }] });
    expect((await client.post('/v1/stop', { names: ['web.2'], wait: false })).status).toBe(202);
    expect((await client.post('/v1/reload')).status).toBe(200);
    expect(api.asked).toEqual(['stop web.2', 'reload']);
  });

  test('say who asks, where something is to be changed', async () => {
    const { path, api } = await serveFakeDesk();
    const info = { command: 'procsup stop wéb\r\nx: y', pid: 4711, user: 'jo' };
    const client = createClient(path, info);
    await client.post('/v1/reload');
    await new Promise<void>((resolve) => {
      client.stream('POST', '/v1/down', {}, { line: () => undefined, ended: () => resolve() });
    });
    await createClient(path).post('/v1/reload');
    const said = { by: 'request', client: { ...info, command: 'procsup stop wéb x: y' } };
    expect(api.causes).toEqual([said, said, { by: 'request' }]);
  });

  test('the words of a query arrive as they are; undefined is left out', async () => {
    const { path } = await serveFakeDesk();
    const { body } = await createClient(path).get('/v1/processes', { names: undefined, 'a&b=é': 'c d+e' });
    expect(errorOf(body).message).toBe("unknown property 'a&b=é' in request");
  });

  test('a refusal is an answer too', async () => {
    const { path } = await serveFakeDesk();
    const { status, body } = await createClient(path).get('/v1/why', { name: 'wbe' });
    expect(status).toBe(404);
    expect(errorOf(body)).toEqual({
      code: 'unknown-process',
      message: "unknown process 'wbe'",
      remedy: "did you mean 'web'?",
    });
  });

  test.each([
    ['nobody ever listened', () => join(scratch(), 'none.sock'), 'ENOENT'],
    [
      'a stale socket',
      async () => {
        const { path, server } = await serveFakeDesk();
        const { execFileSync } = await import('node:child_process');
        execFileSync('cp', ['-a', path, `${path}.stale`]);
        await server.close();
        return `${path}.stale`;
      },
      'ECONNREFUSED',
    ],
  ])('%s', async (_what, make, code) => {
    const asked = createClient(await make()).get('/v1/supervisor');
    await expect(asked).rejects.toBeInstanceOf(Unreachable);
    await expect(asked).rejects.toMatchObject({ cause: { code } });
  });

  test.each([
    ['before it answers', []],
    ['in the middle of the head', ['HTTP/1.1 20']],
    ['in the middle of the body', [`${OK}content-length: 100\r\n\r\n{"pid":`]],
    ['with what is no HTTP', ['hello\n']],
  ])('a supervisor that dies %s', async (_when, words) => {
    const path = await serveWords(words, true);
    await expect(createClient(path).get('/v1/supervisor')).rejects.toBeInstanceOf(Unreachable);
  });

  test('an answer that is no JSON', async () => {
    const { status, body } = await createClient(
      await serveWords([`${OK}content-length: 5\r\n\r\nhello`], false),
    ).get('/');
    expect([status, body, errorOf(body).code]).toEqual([200, null, 'unintelligible']);
  });

  test('characters that are cut between two reads', async () => {
    const text = Buffer.from('"ä€😀"');
    const pieces = Array.from(text, (byte) => Buffer.from([byte]));
    const path = await serveWords([`${OK}content-length: ${String(text.length)}\r\n\r\n`, ...pieces], false);
    expect((await createClient(path).get('/')).body).toBe('ä€😀');
  });
});

test.each([
  [null],
  [7],
  ['text'],
  [{}],
  [{ error: null }],
  [{ error: 'text' }],
  [{ error: { code: 1, message: 'x' } }],
  [{ error: { code: 'x' } }],
])('%j is no error that could be understood', (body) => {
  expect(errorOf(body).code).toBe('unintelligible');
});

describe('streams', () => {
  test('give their lines, and end', async () => {
    const { path, api } = await serveFakeDesk();
    api.past = [[logLine('one'), logLine('two\u2028three')]];
    const { lines, ends, ended } = openStream(path, '/v1/logs', { names: ['web'] });
    await ended();
    expect(lines).toEqual([logLine('one'), logLine('two\u2028three'), { past: 'over' }]);
    expect(ends).toEqual([undefined]);
  });

  test('are refused', async () => {
    const { path } = await serveFakeDesk();
    const { lines, ends, ended } = openStream(path, '/v1/logs', { names: ['wbe'] });
    await ended();
    expect(lines).toEqual([]);
    expect(ends).toMatchObject([{ code: 'unknown-process', remedy: "did you mean 'web'?" }]);
  });

  test('nobody is there', async () => {
    const { ends, ended } = openStream(join(scratch(), 'none.sock'), '/v1/logs');
    await ended();
    expect(ends).toMatchObject([{ code: 'unreachable' }]);
  });

  test('fail with the reason in the last line', async () => {
    const { path, api } = await serveFakeDesk();
    api.logs = async function* () {
      yield await Promise.resolve([logLine('one')]);
      throw new Error('the disk is on fire');
    };
    const { lines, ends, ended } = openStream(path, '/v1/logs');
    await ended();
    expect(lines).toEqual([logLine('one')]);
    expect(ends).toEqual([{ code: 'internal', message: 'the disk is on fire' }]);
  });

  test('end once when the supervisor ends', async () => {
    const { path, api, server } = await serveFakeDesk();
    const { lines, ends, ended } = openStream(path, '/v1/logs', { follow: true });
    api.print(logLine('one'));
    await until(() => lines.length > 0, 'the stream');
    await server.close();
    await ended();
    expect(ends).toEqual([undefined]);
  });

  test('a last line without its newline is given, and what is cut in the middle is none', async () => {
    const whole = openStream(await serveWords([`${OK}connection: close\r\n\r\n{"a":1}\n{"a":2}`], true), '/');
    await whole.ended();
    expect(whole.lines).toEqual([{ a: 1 }, { a: 2 }]);
    const cut = openStream(await serveWords([`${OK}\r\n{"a":1}\n{"a":`], true), '/');
    await cut.ended();
    expect(cut.lines).toEqual([{ a: 1 }]);
  });

  test('characters and lines that are cut between two reads', async () => {
    const text = Buffer.from('"ä€"\n"😀"\n');
    const pieces = Array.from(text, (byte) => Buffer.from([byte]));
    const { lines, ended } = openStream(await serveWords([`${OK}\r\n`, ...pieces], true), '/');
    await ended();
    expect(lines).toEqual(['ä€', '😀']);
  });

  test('a pause holds the supervisor back, even one before its first word', async () => {
    const { path, api } = await serveFakeDesk();
    let given = 0;
    const batch = Array.from({ length: 100 }, () => logLine('x'.repeat(1000)));
    api.logs = async function* () {
      for (; given < 100; given += 1) yield await Promise.resolve(batch);
    };
    const { stream, lines, ended } = openStream(path, '/v1/logs');
    stream.pause();
    const client = createClient(path);
    for (let asked = 0; asked < 50; asked += 1) await client.get('/v1/supervisor');
    expect(given).toBeLessThan(50);
    expect(lines).toEqual([]);
    stream.resume();
    await ended();
    expect(lines).toHaveLength(100 * 100 + 1);
  });

  test('after close nothing comes any more', async () => {
    const { path, api } = await serveFakeDesk();
    const { stream, lines, ends } = openStream(path, '/v1/logs', { follow: true });
    await until(() => api.openCount === 1, 'the stream');
    stream.close();
    api.print(logLine('late'));
    await until(() => api.openCount === 0, 'its end');
    expect([lines.filter((line) => JSON.stringify(line).includes('late')), ends]).toEqual([[], []]);
  });
});

describe('a supervisor that accepts connections and does not answer', () => {
  const impatient = { probeAfterMs: 20, probeMs: 40 };

  test('is told as unreachable, and before that as silent', async () => {
    const path = await serveWords([], false);
    let silences = 0;
    const client = createClient(path, {}, { ...impatient, silent: () => (silences += 1) });
    await expect(client.get('/v1/processes')).rejects.toEqual(new Unreachable('no answer within 0.06s'));
    await expect(client.post('/v1/restart')).rejects.toThrow('no answer within 0.06s');
    expect(silences).toBe(2);
  });

  test('ends a stream', async () => {
    const path = await serveWords([], false);
    const ended = new Promise<ErrorBody | undefined>((resolve) => {
      createClient(path, {}, impatient).stream(
        'GET',
        '/v1/logs',
        {},
        { line: () => undefined, ended: resolve },
      );
    });
    expect(await ended).toEqual({ code: SILENT, message: 'no answer within 0.06s' });
  });

  test('but does answer something else: what takes long is waited for', async () => {
    let probes = 0;
    const path = join(scratch(), 'slow.sock');
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (bytes) => {
        const isProbe = bytes.toString().startsWith('GET /v1/supervisor ');
        if (!isProbe) return void waiting.push(socket);
        probes += 1;
        socket.end(`${OK}\r\n{}`);
        if (probes === 3) waiting[0]?.end(`${OK}\r\n"restarted"`);
      });
    });
    const waiting: Socket[] = [];
    await new Promise<void>((resolve) => server.listen(path, resolve));
    onTestFinished(() => void server.close());
    const patience = { probeAfterMs: 5, probeMs: 60_000 };
    expect((await createClient(path, {}, patience).post('/v1/restart')).body).toBe('restarted');
    expect(probes).toBe(3);
  });
});
