import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { route, type Route } from '../../src/control/route.ts';
import { ROUTES } from '../../src/control/routes.ts';
import { object } from '../../src/control/schema.ts';
import { listenForControl } from '../../src/control/server.ts';
import { connectTo, get, post, serveFakeDesk, statusOf } from '../helpers/control-socket.ts';
import { until } from '../helpers/eventually.ts';
import { logLine } from '../helpers/fake-api.ts';

const MIB = 1024 * 1024;
const TEXT = { type: 'string' } as const;

describe('lawful requests', () => {
  test('several on one connection, one after the other', async () => {
    const { path } = await serveFakeDesk();
    const client = await connectTo(path, get('/v1/supervisor'));
    await client.has('HTTP/1.1 200 OK');
    client.socket.write(get('/v1/processes?names=worker'));
    await client.has('HTTP/1.1 200 OK', 2);
    expect(client.text).toContain('"worker.1"');
  });

  test('pipelined ones are answered in order', async () => {
    const { path, api } = await serveFakeDesk();
    await connectTo(
      path,
      post('/v1/stop', '{"names":["web.1"]}') + get('/v1/supervisor') + get('/v1/nothing'),
    ).then(async (client) => {
      await client.has('HTTP/1.1', 3);
      expect([...client.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual([
        '200',
        '200',
        '404',
      ]);
    });
    expect(api.asked).toEqual(['stop web.1']);
  });

  test('HEAD and OPTIONS are answered, with no body for HEAD', async () => {
    const { path } = await serveFakeDesk();
    const client = await connectTo(
      path,
      'HEAD /v1/supervisor HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    );
    await client.closed();
    expect(client.text).toMatch(/^HTTP\/1\.1 405 [^]*\r\n\r\n$/);
    expect(client.text).toContain('\r\nallow: GET\r\n');
    expect(await statusOf(path, '/v1/stop', 'OPTIONS')).toBe(405);
  });

  test('what a client says about itself arrives, and is made harmless', async () => {
    const { path, api } = await serveFakeDesk();
    const header = 'x-procsup-client: command=up%1b%5b2J&pid=4711';
    const client = await connectTo(path, post('/v1/reload', '').replace('host:', `${header}\r\nhost:`));
    await client.has('HTTP/1.1 200 OK');
    expect(api.causes).toEqual([{ by: 'request', client: { command: 'up [2J', pid: 4711 } }]);
  });

  test('a body in chunks, cut anywhere', async () => {
    const { path, api } = await serveFakeDesk();
    const client = await connectTo(
      path,
      'POST /v1/stop HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    for (const piece of ['{"na', 'mes":["w', 'eb.2"]}']) {
      client.socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    client.socket.write('0\r\n\r\n');
    await client.has('HTTP/1.1 200 OK');
    expect(api.asked).toEqual(['stop web.2']);
  });

  test('a protocol that we do not speak is no harm', async () => {
    const { path } = await serveFakeDesk();
    const upgrade = await connectTo(
      path,
      get('/v1/supervisor', 'connection: upgrade\r\nupgrade: websocket\r\n'),
    );
    await upgrade.has('HTTP/1.1 200 OK');
    const connect = await connectTo(path, 'CONNECT example.org:443 HTTP/1.1\r\nhost: x\r\n\r\n');
    await connect.closed();
    expect(await statusOf(path)).toBe(200);
  });
});

const hasCurl = ((): boolean => {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasCurl)('curl', () => {
  const curl = async (path: string, ...words: readonly string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)('curl', [
      '-sS',
      '--max-time',
      '20',
      '--unix-socket',
      path,
      ...words,
    ]);
    return stdout;
  };

  test('asks, and is answered', async () => {
    const { path, api } = await serveFakeDesk();
    expect(JSON.parse(await curl(path, 'http://procsup/v1/supervisor'))).toEqual(api.about());
    await curl(path, '-d', '{"names":["web"]}', 'http://procsup/v1/restart');
    expect(api.asked).toEqual(['restart web.1 web.2']);
  });

  test('reads a stream to its end', async () => {
    const { path, api } = await serveFakeDesk();
    api.past = [[logLine('one'), logLine('two')]];
    const lines = (await curl(path, 'http://procsup/v1/logs')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      logLine('one'),
      logLine('two'),
      { past: 'over' },
    ]);
  });

  test('is told that its body is too large, though it waits to be asked for it', async () => {
    const { path } = await serveFakeDesk();
    const body = 'x'.repeat(100_000).repeat(20);
    const told = promisify(execFile)('curl', [
      '-sS',
      '--max-time',
      '20',
      '--unix-socket',
      path,
      '-w',
      '%{http_code}',
      '-d',
      '@-',
      'http://p/v1/stop',
    ]);
    told.child.stdin?.on('error', () => undefined).end(body);
    const { stdout } = await told.catch((error: unknown) => error as { stdout: string });
    expect(stdout).toMatch(
      /^\{"error":\{"code":"too-large","message":"request too large \(the limit is 256 KiB\)"\}\}\n413$/,
    );
  });
});

describe('too much', () => {
  test('a body of 100 MB is refused, and not kept', async () => {
    const { path } = await serveFakeDesk();
    const client = await connectTo(
      path,
      `POST /v1/stop HTTP/1.1\r\nhost: x\r\ncontent-length: ${String(100 * MIB)}\r\n\r\n`,
    );
    const before = process.memoryUsage().rss;
    const piece = Buffer.alloc(MIB, 'x');
    for (let sent = 0; sent < 100 && !client.isClosed && !client.socket.destroyed; sent += 1) {
      if (client.socket.write(piece)) continue;
      await until(
        () => client.socket.writableLength === 0 || client.isClosed || client.socket.destroyed,
        'room',
      );
    }
    await client.closed();
    expect(client.text).toMatch(/^(HTTP\/1\.1 413 |$)/);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
    expect(await statusOf(path)).toBe(200);
  });

  test('the body that is just small enough is read, and the next byte is too much', async () => {
    const { path } = await serveFakeDesk({ bodyBytes: 1000 });
    const client = await connectTo(path, post('/v1/stop', '{}'.padEnd(1000)));
    await client.has('HTTP/1.1 200');
    client.socket.write(post('/v1/stop', '{}'.padEnd(1001)));
    await client.has('HTTP/1.1 413');
    await client.closed();
  });

  const taking = (bodyBytes: number): Route =>
    route({
      verb: 'POST',
      path: '/v1/take/{name}',
      summary: 'Take.',
      ...{ bodyBytes, input: object({ name: TEXT, text: TEXT }, ['name']), reply: object({}) },
      handle: (_api, { input }) => ({ status: 200, body: { length: input.text?.length ?? 0 } }),
    });

  test('the body of a route with a limit of its own goes by that, and no other one', async () => {
    const { path } = await serveFakeDesk({ bodyBytes: 1000 }, [taking(2 * MIB), ...ROUTES]);
    const body = JSON.stringify({ text: 'x'.repeat(2 * MIB - 11) });
    const client = await connectTo(path, post('/v1/take/a', body));
    await client.has(`{"length":${String(2 * MIB - 11)}}`);
    client.socket.write(post('/v1/take/a', `${body} `));
    await client.has('request too large (the limit is 2 MiB)');
    const other = await connectTo(path, post('/v1/stop', body));
    await other.has('HTTP/1.1 413');
  });

  test('many bodies that are half sent cannot fill the memory, nor keep others out', async () => {
    const { path } = await serveFakeDesk({}, [taking(33 * MIB), ...ROUTES]);
    const head = `POST /v1/take/a HTTP/1.1\r\nhost: x\r\ncontent-length: ${String(33 * MIB)}\r\n\r\n`;
    const half = Buffer.alloc(16 * MIB, 'x');
    const hostile = await Promise.all(Array.from({ length: 12 }, () => connectTo(path, head)));
    for (const one of hostile) one.socket.write(half);
    const refused = () => hostile.filter(({ text }) => text.includes('"code":"busy"'));
    await until(() => refused().length >= 4, 'refusals');
    await until(() => hostile.every(({ socket, text }) => socket.writableLength === 0 || text !== ''), 'all');
    expect(refused().every(({ text }) => text.startsWith('HTTP/1.1 503 '))).toBe(true);
    const honest = await connectTo(path, post('/v1/take/a', '{"text":"abc"}'));
    await honest.has('{"length":3}');
    expect(refused().length).toBeLessThan(8);
  });

  test.each([
    [
      'a flood of headers',
      get('/v1/supervisor', 'x: y\r\n'.repeat(10_000)),
      '431 Request Header Fields Too Large',
    ],
    [
      'a target of 64 KiB',
      get(`/v1/supervisor?${'x'.repeat(65_536)}`),
      '431 Request Header Fields Too Large',
    ],
    ['two lengths of one body', post('/v1/stop', '{}', 'transfer-encoding: chunked\r\n'), '400 Bad Request'],
    ['what is no HTTP', 'hello\r\n\r\n', '400 Bad Request'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '400 Bad Request'],
  ])('%s', async (_what, words, status) => {
    const { path, api } = await serveFakeDesk();
    const client = await connectTo(path, words);
    await client.closed();
    // A client that is still writing may be cut off before it reads.
    expect([`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, '']).toContain(
      client.text,
    );
    expect(api.asked).toEqual([]);
    expect(await statusOf(path)).toBe(200);
  });

  test('a length that is too short: what is left over is no request', async () => {
    const { path, api } = await serveFakeDesk();
    const client = await connectTo(
      path,
      'POST /v1/stop HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}{"names":["web"]}',
    );
    await client.closed();
    expect(api.asked).toEqual(['stop web.1 web.2 worker.1']);
  });

  test('more requests at once than anybody has use for', async () => {
    const { path, api } = await serveFakeDesk({ pipelined: 4 });
    const four = await connectTo(path, get('/v1/events?follow').repeat(4));
    await until(() => api.openCount === 4, 'four streams');
    expect(four.isClosed).toBe(false);
    const five = await connectTo(path, get('/v1/events?follow').repeat(5));
    await five.closed();
    four.socket.destroy();
    await until(() => api.openCount === 0, 'the end of all streams, those that wait behind the first too');
  });
});

describe('too slow', () => {
  test('a connection that asks nothing', async () => {
    const { path } = await serveFakeDesk({ requestMs: 100 });
    await (await connectTo(path)).closed();
  });

  test('headers that come byte by byte', async () => {
    const { path } = await serveFakeDesk({ requestMs: 200 });
    const client = await connectTo(path);
    const words = get('/v1/supervisor', `x: ${'y'.repeat(10_000)}\r\n`);
    let at = 0;
    const drip = setInterval(() => client.socket.write(words[(at += 1)] ?? ''), 5);
    await client.closed().finally(() => clearInterval(drip));
    expect(at).toBeLessThan(words.length);
  });

  test('a body that never comes', async () => {
    const { path, api } = await serveFakeDesk({ requestMs: 200 });
    const client = await connectTo(path, 'POST /v1/stop HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{');
    await client.closed();
    expect(api.asked).toEqual([]);
  });

  test('a second request that never comes', async () => {
    const { path } = await serveFakeDesk({ idleMs: 100 });
    const client = await connectTo(path, get('/v1/supervisor'));
    await client.has('HTTP/1.1 200');
    await client.closed();
  });

  test('we may be slow: neither a quiet stream nor a long wait is cut', async () => {
    // Longer than we may be held up between two lines of this test.
    const { path, api } = await serveFakeDesk({ requestMs: 700, idleMs: 700 });
    const stream = await connectTo(path, get('/v1/logs?follow'));
    const wait = await connectTo(path, get('/v1/wait'));
    // A kept connection has been told to be idle before.
    const second = await connectTo(path, get('/v1/supervisor'));
    await second.has('HTTP/1.1 200');
    second.socket.write(get('/v1/events?follow'));
    await until(() => api.openCount === 3, 'three that are under way');
    // The same limits end others meanwhile, twice in a row.
    for (let ended = 0; ended < 2; ended += 1) await (await connectTo(path)).closed();
    expect([stream, wait, second].map(({ isClosed }) => isClosed)).toEqual([false, false, false]);
    api.print(logLine('at last'));
    await stream.has('at last');
    api.reach();
    await wait.has('"reached"');
    api.tell({ text: 'news' });
    await second.has('news');
  });
});

describe('who does not read, or goes', () => {
  test('a stream waits for a reader that does not read, and its memory is bounded', async () => {
    const { path, api } = await serveFakeDesk();
    let batches = 0;
    const batch = Array.from({ length: 100 }, () => logLine('x'.repeat(1000)));
    api.logs = async function* () {
      for (; batches < 5000; batches += 1) yield await Promise.resolve(batch);
    };
    const client = await connectTo(path);
    client.socket.pause();
    const before = process.memoryUsage().rss;
    client.socket.write(get('/v1/logs'));
    let seen = -1;
    // Nothing moves any more, though others are answered all the time.
    await until(() => seen === (seen = batches) && batches > 0, 'standstill').then(async () => {
      for (let asked = 0; asked < 50; asked += 1) expect(await statusOf(path)).toBe(200);
    });
    expect(batches).toBeLessThan(100);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
    client.socket.destroy();
  });

  test('a slow reader leaves no listeners behind', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    const { path, api } = await serveFakeDesk();
    api.past = Array.from({ length: 400 }, () => Array.from({ length: 10 }, () => logLine('x'.repeat(5000))));
    const client = await connectTo(path, get('/v1/logs'));
    await client.has('{"past":"over"}');
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  test.each(['/v1/logs?follow', '/v1/events?follow', '/v1/stats', '/v1/wait'])(
    '%s ends when its reader goes',
    async (target) => {
      const { path, api } = await serveFakeDesk();
      const client = await connectTo(path, get(target));
      await until(() => api.openCount === 1, 'the stream');
      client.socket.destroy();
      await until(() => api.openCount === 0, 'its end');
      expect(await statusOf(path)).toBe(200);
    },
  );

  test('what was asked to be done is done, though whoever asked has gone', async () => {
    const { path, api } = await serveFakeDesk();
    let happen = (): void => undefined;
    api.changed = () => new Promise((resolve) => (happen = () => resolve([])));
    const client = await connectTo(path, post('/v1/stop', '{}'));
    await until(() => api.asked.length === 1, 'the request');
    client.socket.destroy();
    happen();
    expect(await statusOf(path)).toBe(200);
    expect(api.asked).toEqual(['stop web.1 web.2 worker.1']);
  });

  test('half a request, and gone', async () => {
    const { path, api } = await serveFakeDesk();
    for (const words of [
      'GET /v1',
      get('/v1/supervisor').slice(0, -2),
      post('/v1/stop', '{"names":["web"]}').slice(0, -3),
    ]) {
      (await connectTo(path, words)).socket.end();
      (await connectTo(path, words)).socket.destroy();
    }
    expect(await statusOf(path)).toBe(200);
    expect(api.asked).toEqual([]);
  });
});

describe('many', () => {
  test('500 idle connections go, and whoever asks is answered', async () => {
    const { path } = await serveFakeDesk();
    const idle = await Promise.all(Array.from({ length: 500 }, () => connectTo(path)));
    for (let asked = 0; asked < 20; asked += 1) expect(await statusOf(path)).toBe(200);
    await until(
      () => idle.filter(({ isClosed }) => isClosed).length >= 500 - 256 + 1,
      'the end of those that are too many',
    );
    expect(idle.some(({ isClosed }) => !isClosed)).toBe(true);
  });

  test('connections at the very same moment: the limit holds', async () => {
    const { path } = await serveFakeDesk({ connections: 10 });
    const clients = await Promise.all(Array.from({ length: 100 }, () => connectTo(path)));
    await until(() => clients.filter(({ isClosed }) => isClosed).length >= 90, '90 that are ended');
    expect(clients.filter(({ isClosed }) => !isClosed)).toHaveLength(10);
  });

  test('500 that all want to watch: some may, the others are told, and whoever asks is answered', async () => {
    const { path, api } = await serveFakeDesk();
    const clients = [];
    for (let count = 0; count < 500; count += 1)
      clients.push(await connectTo(path, get('/v1/events?follow')));
    await until(() => api.openCount === 192, 'as many as may');
    expect(await statusOf(path)).toBe(200);
    expect(await statusOf(path, '/v1/events?follow')).toBe(503);
    const told = clients.find(({ text }) => text.includes('too-many-streams'));
    expect(told?.text).toContain('"message":"too many open streams (192)"');
    // What is to be done is done all the same.
    const down = await connectTo(path, post('/v1/down', ''));
    await down.has('{"pid":4100}');
    for (const { socket } of clients.slice(0, 10)) socket.destroy();
    await until(() => api.openCount === 182, 'the end of some');
    await (await connectTo(path, get('/v1/events?follow'))).has('200 OK');
    await until(() => api.openCount === 183, 'room for another');
  });

  test('when all are busy the newcomer is refused, and no other', async () => {
    const { path, api } = await serveFakeDesk({ connections: 5 });
    const waiting = [];
    for (let count = 0; count < 5; count += 1) {
      waiting.push(await connectTo(path, get('/v1/wait')));
      await until(() => api.openCount === count + 1, 'a wait');
    }
    const refused = await connectTo(path, get('/v1/supervisor'));
    await refused.closed();
    expect(refused.text).toMatch(/^HTTP\/1\.1 503 [^]*"too-many-connections"[^]*5 connections are open/);
    expect(waiting.some(({ isClosed }) => isClosed)).toBe(false);
    api.reach();
    for (const client of waiting) await client.has('"reached"');
    expect(await statusOf(path)).toBe(200);
  });
});

describe('without free descriptors', () => {
  const lacking = async (lacks: string[]) => serveFakeDesk({ hasRoomFor: (use) => !lacks.includes(use) });

  test('whoever asks hears why it is refused, and nothing is done', async () => {
    const { path, api } = await lacking(['question', 'stream']);
    const client = await connectTo(path, post('/v1/stop', '{"names":["web.1"]}'));
    await client.closed();
    expect(client.text).toMatch(/^HTTP\/1\.1 503 [^]*no free descriptors/);
    expect(api.asked).toEqual([]);
  });

  test('an old connection that asks nothing makes way', async () => {
    const lacks: string[] = [];
    const { path } = await lacking(lacks);
    const idle = await connectTo(path, get('/v1/supervisor'));
    await idle.has('200 OK');
    lacks.push('question');
    expect(await statusOf(path)).toBe(200);
    await idle.closed();
  });

  test('those that ask nothing are ended on demand, and no others', async () => {
    const { path, server, api } = await lacking([]);
    const idle = await connectTo(path, get('/v1/supervisor'));
    await idle.has('200 OK');
    const busy = await connectTo(path, get('/v1/wait'));
    await until(() => api.openCount === 1, 'a wait');
    server.endIdle();
    await idle.closed();
    expect(busy.isClosed).toBe(false);
  });

  test('only a few wait to be refused, so that there always is a descriptor to do it with', async () => {
    const { path } = await lacking(['question', 'stream']);
    const silent: Awaited<ReturnType<typeof connectTo>>[] = [];
    for (let count = 0; count < 20; count += 1) silent.push(await connectTo(path));
    await until(() => silent.filter(({ isClosed }) => isClosed).length === 16, '16 that are ended');
    expect(await statusOf(path)).toBe(503);
  });

  test('questions are answered where there is no room for streams', async () => {
    const { path } = await lacking(['stream']);
    expect(await statusOf(path)).toBe(200);
    const watcher = await connectTo(path, get('/v1/events?follow'));
    await watcher.has('503');
    expect(watcher.text).toContain('too few free descriptors for another stream');
  });
});

describe('defects of handlers', () => {
  const one = (handle: Route['handle']): Route => ({
    ...{ verb: 'GET', path: '/x', summary: '', input: { type: 'object', properties: {} } },
    ...{ reply: { type: 'null' }, handle },
  });

  test('a stream that fails says why in its last line', async () => {
    const { path } = await serveFakeDesk({}, [
      one(() => ({
        stream: (lines) => {
          lines.write({ fine: true });
          return Promise.reject(new Error('no more'));
        },
      })),
    ]);
    const client = await connectTo(path, get('/x', 'connection: close\r\n'));
    await client.closed();
    expect(client.text).toContain('{"fine":true}\n');
    expect(client.text).toContain('{"error":{"code":"internal","message":"no more"}}\n');
    expect(client.text).not.toContain('server.ts');
  });

  test('a reply that is no JSON costs its own connection only', async () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const { path } = await serveFakeDesk({}, [one(() => ({ status: 200, body: cycle }))]);
    await (await connectTo(path, get('/x'))).closed();
    expect(await statusOf(path)).toBe(404);
  });
});

test('close ends everything, and lets go of the path', async () => {
  const { path, api, server } = await serveFakeDesk();
  const clients = await Promise.all([
    connectTo(path),
    connectTo(path, get('/v1/events?follow')),
    connectTo(path, get('/v1/wait')),
    connectTo(path, 'POST /v1/stop HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n'),
  ]);
  await until(() => api.openCount === 2, 'a stream and a wait');
  await server.close();
  for (const client of clients) await client.closed();
  await until(() => api.openCount === 0, 'the end of the handlers');
  expect(existsSync(path)).toBe(false);
});

test('a path that cannot be listened at', async () => {
  const router = Object.assign(() => Promise.reject(new Error()), { limitsOf: () => ({}) });
  await expect(listenForControl(router, '/nowhere/at/all.sock')).rejects.toMatchObject({
    code: expect.stringMatching(/^E(NOENT|ACCES)$/) as string,
  });
});

test('whatever is said to it, it answers the next', async () => {
  const { path, api } = await serveFakeDesk({ requestMs: 60_000 });
  const words: fc.Arbitrary<Uint8Array> = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
    fc
      .record({
        verb: fc.constantFrom('GET', 'POST', 'HEAD', 'PUT', 'TRACE', 'get', ''),
        target: fc.oneof(
          fc.webPath(),
          fc.constantFrom('/v1/stop', '/v1/logs?follow', '/v1/events', '*', 'http://x/v1/ps'),
        ),
        header: fc.oneof(
          fc.string(),
          fc.constantFrom(
            'content-length: -1',
            'content-length: 99',
            'transfer-encoding: chunked',
            'expect: 100-continue',
            'expect: x',
          ),
        ),
        body: fc.oneof(fc.json(), fc.string({ unit: 'binary' })),
      })
      .map(({ verb, target, header, body }) =>
        Buffer.from(`${verb} ${target} HTTP/1.1\r\nhost: x\r\n${header}\r\n\r\n${body}`),
      ),
  );
  await fc.assert(
    fc.asyncProperty(words, fc.boolean(), async (bytes, leaves) => {
      const client = await connectTo(path);
      client.socket.write(bytes);
      if (leaves) client.socket.destroy();
      else client.socket.end();
      expect(await statusOf(path)).toBe(200);
      client.socket.destroy();
    }),
    { numRuns: 300 },
  );
  await until(() => api.openCount === 0, 'the end of what was begun');
});
