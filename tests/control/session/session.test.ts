/** Sessions over a real socket, with verbs of the test's own. */
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createRouter } from '../../../src/control/router.ts';
import { ROUTES } from '../../../src/control/routes.ts';
import { Refused } from '../../../src/control/route.ts';
import { object } from '../../../src/control/schema.ts';
import { listenForControl, type ControlLimits } from '../../../src/control/server.ts';
import { connectSession } from '../../../src/control/session/client.ts';
import { openSession, type SessionLimits } from '../../../src/control/session/session.ts';
import { Delivery, verb, type Verb } from '../../../src/control/session/verb.ts';
import { VERBS } from '../../../src/control/session/verbs.ts';
import type { Holder } from '../../../src/runtime/exchange/holder.ts';
import { connectTo, get, statusOf, type RawClient } from '../../helpers/control-socket.ts';
import { until } from '../../helpers/eventually.ts';
import { createFakeApi } from '../../helpers/fake-api.ts';
import { scratch } from '../../helpers/scratch.ts';

const SWITCH = get('/v1/session', 'connection: Upgrade\r\nupgrade: procsup-session\r\n');
const TEXT = { type: 'string', maxLength: 1000 } as const;

/** `echo` answers at once, `hold` when the test says so or the session ends, `fail` never well. */
function testVerbs() {
  const holders: Holder[] = [];
  const waiting: (() => void)[] = [];
  const log: string[] = [];
  const giving: (() => void)[] = [];
  const verbs: readonly Verb[] = [
    ...VERBS,
    verb({
      name: 'echo',
      summary: 'Echo.',
      input: object({ text: TEXT }, ['text']),
      answer: object({ text: TEXT }, ['text']),
      handle: (_api, { input }) => ({ text: input.text }),
    }),
    verb({
      name: 'hold',
      summary: 'Hold.',
      input: object({}),
      answer: object({}),
      handle: (_api, { holder }) =>
        new Promise<object>((resolve) => {
          if (holder === undefined) return resolve({});
          holders.push(holder);
          waiting.push(() => resolve({}));
          holder.onEnd(() => {
            log.push('released');
            resolve({});
          });
        }),
    }),
    verb({
      name: 'give',
      summary: 'Give.',
      input: object({}),
      answer: object({ gift: TEXT }),
      handle: () =>
        new Promise<object>((resolve) => {
          giving.push(() => resolve(new Delivery({ gift: 'x' }, () => void log.push('taken back'))));
        }),
    }),
    verb({
      name: 'fail',
      summary: 'Fail.',
      input: object({}),
      answer: object({}),
      handle() {
        throw new Refused(409, 'no-luck', 'it failed', 'try again');
      },
    }),
  ];
  return { verbs, holders, waiting, log, giving };
}

async function serve(limits: Partial<SessionLimits> = {}, control: Partial<ControlLimits> = {}) {
  const own = testVerbs();
  const api = createFakeApi();
  const path = join(scratch(), 'control.sock');
  const verbs = new Map(own.verbs.map((one) => [one.name, one]));
  const server = await listenForControl(createRouter(api, ROUTES), path, control, (socket, client, gone) =>
    openSession(socket, { api, verbs, client, gone, limits }),
  );
  onTestFinished(() => server.close());
  return { ...own, path };
}

/** The lines after the head, as values. */
const lines = ({ text }: RawClient): readonly unknown[] =>
  text
    .slice(text.indexOf('\r\n\r\n') + 4)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);

const ask = (id: number | string, verbName: string, input: object = {}): string =>
  `${JSON.stringify({ id, do: verbName, ...input })}\n`;

describe('a session', () => {
  test('answers each request by its id, in any order', async () => {
    const { path, waiting } = await serve();
    const client = await connectTo(path, SWITCH + ask(1, 'hold') + ask('two', 'echo', { text: 'é' }));
    await client.has('two');
    expect(client.text).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    waiting[0]?.();
    await client.has('"id":1');
    expect(Buffer.from(client.text, 'latin1').toString()).toContain('{"id":"two","ok":{"text":"é"}}\n');
    expect(lines(client).map((one) => (one as { id: unknown }).id)).toEqual(['two', 1]);
  });

  test('takes requests cut anywhere, with empty lines between', async () => {
    const { path } = await serve();
    const client = await connectTo(path, SWITCH);
    await client.has('\r\n\r\n');
    for (const byte of Buffer.from(`\n\r\n${ask(7, 'echo', { text: 'ü' })}`)) {
      client.socket.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.has('"id":7');
  });

  test.each([
    ['fail', {}, { code: 'no-luck', message: 'it failed', remedy: 'try again' }],
    ['nothing', {}, { code: 'unknown-verb', message: 'unknown verb "nothing"' }],
    ['constructor', {}, { code: 'unknown-verb', message: 'unknown verb "constructor"' }],
    ['echo', {}, { code: 'bad-request', message: "missing property 'text' in request" }],
    ['echo', { text: 1 }, { code: 'bad-request', message: 'request.text must be a string' }],
    ['echo', { text: '', more: 1 }, { code: 'bad-request', message: "unknown property 'more' in request" }],
  ])('goes on after a refusal: %s %j', async (name, input, error) => {
    const { path } = await serve();
    const client = await connectTo(path, SWITCH + ask(1, name, input) + ask(2, 'echo', { text: 'x' }));
    await client.has('"id":2');
    expect(lines(client)).toEqual([
      { id: 1, error },
      { id: 2, ok: { text: 'x' } },
    ]);
  });

  test.each([
    ['{', 'a request must be a JSON object in one line'],
    ['[]', 'a request must be a JSON object in one line'],
    ['null', 'a request must be a JSON object in one line'],
    ['{"do":"echo"}', "missing or invalid 'id' in request"],
    ['{"id":1.5,"do":"echo"}', "missing or invalid 'id' in request"],
    ['{"id":null,"do":"echo"}', "missing or invalid 'id' in request"],
    [`{"id":"${'x'.repeat(65)}"}`, "missing or invalid 'id' in request"],
  ])('ends after %s', async (line, message) => {
    const { path } = await serve();
    const client = await connectTo(path, `${SWITCH}${line}\n${ask(1, 'echo', { text: 'late' })}`);
    await client.closed();
    expect(lines(client)).toEqual([{ id: null, error: { code: 'bad-request', message } }]);
  });

  test('ends after bytes that are not UTF-8', async () => {
    const { path } = await serve();
    const client = await connectTo(path, SWITCH);
    await client.has('\r\n\r\n');
    client.socket.write(Buffer.from([0x7b, 0xff, 0x7d, 10]));
    await client.closed();
    expect(client.text).toContain('the request is not valid UTF-8');
  });

  test('ends after a request that is too long, before its end', async () => {
    const { path } = await serve({ lineBytes: 1024 });
    const client = await connectTo(path, SWITCH + 'x'.repeat(2000));
    await client.closed();
    expect(client.text).toContain('request too long');
  });

  test('gives up what is held when its client is gone, and settles what waits', async () => {
    const { path, log, holders } = await serve();
    const client = await connectTo(path, SWITCH + ask(1, 'hold') + ask(2, 'hold'));
    await until(() => holders.length === 2, 'two requests');
    client.socket.destroy();
    await until(() => log.length === 2, 'both released');
    expect(holders[0]).toBe(holders[1]);
    expect(holders[0]?.hasEnded).toBe(true);
  });

  test('takes back what it could not give, and only that', async () => {
    const { path, giving, log, waiting } = await serve();
    const client = await connectTo(path, SWITCH + ask(1, 'give') + ask(2, 'give') + ask(3, 'hold'));
    await until(() => giving.length === 2 && waiting.length === 1, 'three requests');
    giving[0]?.();
    await client.has('{"id":1,"ok":{"gift":"x"}}');
    expect(log).toEqual([]);
    client.socket.destroy();
    await until(() => log.includes('released'), 'the end');
    giving[1]?.();
    await until(() => log.includes('taken back'), 'it is taken back');
    expect(log).toEqual(['released', 'taken back']);
  });

  test('answers what was asked before the client has ended its side', async () => {
    const { path, log } = await serve();
    const client = await connectTo(path, SWITCH);
    client.socket.end(ask(1, 'echo', { text: 'x' }) + ask(2, 'hold'));
    await client.closed();
    expect(lines(client)).toEqual([
      { id: 1, ok: { text: 'x' } },
      { id: 2, ok: {} },
    ]);
    expect(log).toEqual(['released']);
  });

  test('reads no more while too much is unanswered, and goes on afterwards', async () => {
    const { path, waiting } = await serve({ unanswered: 2 });
    const client = await connectTo(path, SWITCH + ask(1, 'hold') + ask(2, 'hold'));
    await until(() => waiting.length === 2, 'two requests');
    client.socket.write(ask(3, 'echo', { text: 'x' }));
    // An empty line asks whether we are still there.
    const head = client.text.indexOf('\r\n\r\n') + 4;
    await until(() => client.text.slice(head).startsWith('\n'), 'a probe');
    expect(client.text).not.toContain('"id":3');
    waiting[0]?.();
    await client.has('"id":3');
  });

  test('notices the end of a client that it does not read from', async () => {
    const { path, waiting, log } = await serve({ unanswered: 1 });
    const client = await connectTo(path, SWITCH + ask(1, 'hold'));
    await until(() => waiting.length === 1, 'a request');
    client.socket.write(ask(2, 'echo', { text: 'x' }));
    client.socket.destroy();
    await until(() => log.length === 1, 'released');
  });

  test('reads no more from a client that does not read', async () => {
    const { path } = await serve({ unsentBytes: 1000 });
    const client = await connectTo(path, SWITCH);
    await client.has('\r\n\r\n');
    client.socket.pause();
    const text = 'x'.repeat(1000);
    let sent = 0;
    // The kernel keeps some hundred KiB for each side.
    while (client.socket.writableLength < 1_000_000) {
      client.socket.write(ask((sent += 1), 'echo', { text }));
      if (sent % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (sent > 100_000) expect.fail('it reads for ever');
    }
    client.socket.resume();
    await client.has(`"id":${String(sent)},`);
  });

  test('tells unasked, and says when its client is slow', async () => {
    const { path, holders } = await serve({ unsentBytes: 100_000 });
    const client = await connectTo(path, SWITCH + ask(1, 'hold'));
    await until(() => holders.length === 1, 'a holder');
    const [holder] = holders;
    expect(holder?.tell({ n: 1 })).toBe(true);
    await client.has('{"event":{"n":1}}');
    client.socket.pause();
    for (let told = 0; holder?.tell({ text: 'x'.repeat(10_000) }) === true; told += 1)
      if (told % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    const drained = holder?.drained();
    client.socket.resume();
    await drained;
    expect(holder?.tell({ n: 2 })).toBe(true);
  });
});

describe('the upgrade', () => {
  test.each([
    ['another protocol', get('/v1/supervisor', 'connection: Upgrade\r\nupgrade: websocket\r\n'), 200],
    [
      'what curl --http2 asks',
      get('/v1/supervisor', 'connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAM\r\n'),
      200,
    ],
    ['another path', get('/v1/nothing', 'connection: Upgrade\r\nupgrade: procsup-session\r\n'), 404],
    ['no upgrade', get('/v1/session'), 426],
  ])('%s is answered as an ordinary request', async (_what, request, status) => {
    const { path } = await serve();
    const client = await connectTo(path, request);
    await client.has(`HTTP/1.1 ${String(status)}`);
    client.socket.write(get('/v1/supervisor'));
    await client.has('"pid":4100', status === 200 ? 2 : 1);
  });

  test('a body is read after an upgrade that is ignored', async () => {
    const { path } = await serve();
    const body = '{"names":["web.1"]}';
    const head = `host: x\r\nconnection: upgrade\r\nupgrade: h2c\r\ncontent-length: ${String(body.length)}`;
    const client = await connectTo(path, `POST /v1/stop HTTP/1.1\r\n${head}\r\n\r\n${body}`);
    await client.has('"results"');
  });

  test('sessions count as streams, of which there are not too many', async () => {
    const { path } = await serve({}, { watchers: 1 });
    const first = await connectTo(path, SWITCH);
    await first.has('101');
    const second = await connectTo(path, SWITCH);
    await second.has('503');
    await second.has('too-many-streams');
    first.socket.destroy();
    await until(() => first.isClosed, 'the end of the first');
    await connectSession(path).then((session) => session.close());
    expect(await statusOf(path)).toBe(200);
  });

  test('a session is not closed in favor of another connection', async () => {
    const { path } = await serve({}, { connections: 2 });
    const session = await connectTo(path, SWITCH);
    await session.has('101');
    for (let i = 0; i < 4; i += 1) expect(await statusOf(path)).toBe(200);
    session.socket.write(ask(1, 'echo', { text: 'x' }));
    await session.has('"id":1');
  });
});

describe('our client', () => {
  test('asks many things at a time', async () => {
    const { path } = await serve();
    const session = await connectSession(path);
    const texts = Array.from({ length: 3000 }, (_, index) => `é${String(index)}`);
    const answers = await Promise.all(texts.map((text) => session.ask('echo', { text })));
    expect(answers).toEqual(texts.map((text) => ({ text })));
    session.close();
    expect(await session.ended).toBeUndefined();
    await expect(session.ask('echo', { text: '' })).rejects.toThrow('closed');
  });

  test('rejects with the code of a refusal', async () => {
    const { path } = await serve();
    const session = await connectSession(path);
    await expect(session.ask('fail', {})).rejects.toMatchObject({ code: 'no-luck', remedy: 'try again' });
    session.close();
  });

  test('hears what is told unasked', async () => {
    const { path, holders } = await serve();
    const session = await connectSession(path, { command: 'test' });
    const events: unknown[] = [];
    session.onEvent((event) => events.push(event));
    const held = session.ask('hold', {});
    await until(() => holders.length === 1, 'a holder');
    expect(holders[0]?.client).toEqual({ command: 'test' });
    holders[0]?.tell({ n: 1 });
    await until(() => events.length === 1, 'the event');
    expect(events).toEqual([{ n: 1 }]);
    session.close();
    await expect(held).rejects.toThrow('ended');
  });

  test('is told where there is no supervisor, or no room', async () => {
    await expect(connectSession(join(scratch(), 'none.sock'))).rejects.toThrow('ENOENT');
    const { path } = await serve({}, { watchers: 0 });
    await expect(connectSession(path)).rejects.toMatchObject({ code: 'too-many-streams' });
  });
});
