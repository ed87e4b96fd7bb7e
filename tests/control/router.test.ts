import { describe, expect, test } from 'vitest';
import { ERROR } from '../../src/control/reply-schemas.ts';
import { Refused, route, type Lines, type Route } from '../../src/control/route.ts';
import { createRouter } from '../../src/control/router.ts';
import { ROUTES } from '../../src/control/routes.ts';
import { whyNot } from '../../src/control/schema.ts';
import type { ClientInfo } from '../../src/core/events.ts';
import { createFakeApi, snapshotFor } from '../helpers/fake-api.ts';

function setUp(routes: readonly Route[] = ROUTES) {
  const api = createFakeApi();
  const router = createRouter(api, routes);
  const gone = new AbortController();
  /** The reply in words that tests can hold against others; a stream as its lines, until it ends. */
  const ask = async (verb: string, target: string, body = '', client?: ClientInfo) => {
    const reply = await router({ verb, target, body, gone: gone.signal, client });
    if (!('stream' in reply)) return { status: reply.status, body: reply.body };
    const lines: unknown[] = [];
    const sink: Lines = { write: (line) => lines.push(line) > 0, ready: () => Promise.resolve() };
    const over = reply.stream(sink);
    return { status: 200, lines, over };
  };
  const codeOf = async (verb: string, target: string, body = '') => {
    const { status, body: told } = await ask(verb, target, body);
    const { error } = told as { error: { code: string; message: string } };
    return `${String(status)} ${error.code}: ${error.message}`;
  };
  return { api, ask, codeOf, leave: () => gone.abort() };
}

describe('what is refused', () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['GET', '/', '', '404 unknown-path: unknown path'],
    ['GET', '', '', '404 unknown-path: unknown path'],
    ['GET', '/v1/supervisor/', '', '404 unknown-path: unknown path'],
    ['GET', '/v1//supervisor', '', '404 unknown-path: unknown path'],
    ['GET', '/v1/x/../supervisor', '', '404 unknown-path: unknown path'],
    ['GET', '/v1/%73upervisor', '', '404 unknown-path: unknown path'],
    ['GET', '/v1/supervisor\0', '', '404 unknown-path: unknown path'],
    ['GET', '/__proto__', '', '404 unknown-path: unknown path'],
    ['GET', `/${'x'.repeat(65_536)}`, '', '404 unknown-path: unknown path'],
    ['POST', '/v1/supervisor', '', '405 wrong-method: method not allowed (use GET)'],
    ['HEAD', '/v1/supervisor', '', '405 wrong-method: method not allowed (use GET)'],
    ['OPTIONS', '/v1/stop', '', '405 wrong-method: method not allowed (use POST)'],
    ['constructor', '/v1/stop', '', '405 wrong-method: method not allowed (use POST)'],
    ['POST', '/v1/stop', '{', '400 bad-json: the request body is not valid JSON'],
    ['POST', '/v1/stop', '{"names":["a"]} x', '400 bad-json: the request body is not valid JSON'],
    ['POST', '/v1/stop', 'null', '400 bad-request: request must be an object'],
    ['POST', '/v1/stop', '[]', '400 bad-request: request must be an object'],
    ['POST', '/v1/stop', '{"name":"web"}', "400 bad-request: unknown property 'name' in request"],
    [
      'POST',
      '/v1/stop',
      '{"__proto__":{"names":[]}}',
      "400 bad-request: unknown property '__proto__' in request",
    ],
    ['GET', '/v1/processes?__proto__=1', '', "400 bad-request: unknown property '__proto__' in request"],
    ['GET', '/v1/processes?details=maybe', '', '400 bad-request: request.details must be true or false'],
    ['POST', '/v1/stop', '{"timeout":-1}', '400 bad-request: request.timeout must be at least 0'],
    ['POST', '/v1/stop', '{"timeout":0.5}', '400 bad-request: request.timeout must be an integer'],
    ['POST', '/v1/down', '{"timeout":1e12}', '400 bad-request: request.timeout must be at most 2073600000'],
    ['POST', '/v1/start', '{"timeout":1}', "400 bad-request: unknown property 'timeout' in request"],
    ['GET', '/v1/logs?lines=-1', '', '400 bad-request: request.lines must be at least 0'],
    ['GET', '/v1/logs?lines=ten', '', '400 bad-request: request.lines must be a number'],
    ['GET', '/v1/stats?interval=99', '', '400 bad-request: request.interval must be at least 100'],
    ['GET', '/v1/session', '', '426 upgrade-required: this path is for sessions'],
    ['GET', '/v1/queues/mail/put', '', '405 wrong-method: method not allowed (use POST)'],
    ['GET', '/v1/queues/mail/peek', '', "404 unknown-queue: unknown queue 'mail'"],
    ['GET', '/v1/queues/%zz/peek', '', '400 bad-request: the path is not valid'],
    ['GET', '/v1/queues/a%2Fb/peek', '', "400 bad-request: invalid queue name 'a/b'"],
    ['GET', '/v1/queues//peek', '', '404 unknown-path: unknown path'],
    ['GET', '/v1/queues/a/b/peek', '', '404 unknown-path: unknown path'],
    ['POST', '/v1/queues/mail/drain', '{"name":"other"}', "400 bad-request: 'name' is given by the path"],
    [
      'POST',
      '/v1/queues/mail/put',
      '{"messages":["a","b"],"key":"k"}',
      '400 bad-request: a key is for one message',
    ],
    ['GET', '/v1/why', '', "400 bad-request: missing property 'name' in request"],
    ['GET', '/v1/why?name=wbe', '', "404 unknown-process: unknown process 'wbe'"],
    ['GET', '/v1/why?name=idle', '', "409 no-instances: no instances of 'idle'"],
    [
      'POST',
      '/v1/stop',
      '{"names":["x1","x2","x1"]}',
      "404 unknown-process: unknown process 'x1'; unknown process 'x2'",
    ],
    ['GET', '/v1/why?name=web.12345', '', "404 unknown-process: unknown process 'web.12345'"],
    ['POST', '/v1/stop', '{"names":["x*"]}', "404 unknown-process: no process matches 'x*'"],
    ['POST', '/v1/stop', '{"names":["app.js"]}', "404 unknown-process: unknown process 'app.js'"],
    ['GET', '/v1/logs?names=x*', '', "404 unknown-process: no process matches 'x*'"],
    [
      'POST',
      '/v1/kill',
      '{"names":["web"],"signal":"SIGNIX"}',
      expect.stringMatching(/^400 bad-request: request.signal must be one of SIGHUP, /) as string,
    ],
    [
      'POST',
      '/v1/kill',
      '{"names":["web"],"signal":"SIGPWR"}',
      "400 unknown-signal: unknown signal 'SIGPWR' on this system",
    ],
    ['POST', '/v1/kill', '{"signal":"SIGHUP"}', "400 bad-request: missing property 'names' in request"],
    ['POST', '/v1/scale', '{"counts":{"web":-1}}', '400 bad-request: request.counts.web must be at least 0'],
    ['POST', '/v1/scale', '{"counts":{"web":1.5}}', '400 bad-request: request.counts.web must be an integer'],
    ['POST', '/v1/scale', '{"counts":{"../web":1}}', "400 bad-request: invalid process name '../web'"],
  ];
  test.each(cases)('%s %s %s', async (verb, target, body, told) => {
    expect(await setUp().codeOf(verb, target, body)).toEqual(told);
  });

  const badNames = [
    '../web',
    'web/1/2',
    'web/',
    'web.1/x',
    'web\n',
    'web\u001b[2J',
    'x'.repeat(64),
    'web.',
    'wéb',
    '',
    ' ',
  ];
  test.each(badNames)('the name %j', async (name) => {
    const { codeOf, api } = setUp();
    expect(await codeOf('POST', '/v1/stop', JSON.stringify({ names: [name] }))).toMatch(
      /^400 bad-request: invalid process name '/,
    );
    expect(api.asked).toEqual([]);
  });

  test('more names than anybody has', async () => {
    const names = Array.from({ length: 1001 }, (_, index) => `p${String(index)}`);
    expect(await setUp().codeOf('POST', '/v1/stop', JSON.stringify({ names }))).toBe(
      '400 bad-request: request.names must have at most 1000 items',
    );
  });

  test('a misspelt name is told with what was meant', async () => {
    const { body } = await setUp().ask('POST', '/v1/stop', '{"names":["wbe"]}');
    expect(body).toEqual({
      error: {
        code: 'unknown-process',
        message: "unknown process 'wbe'",
        remedy: "did you mean 'web'?",
      },
    });
  });
});

describe('what is understood', () => {
  test.each([
    ['/v1/processes?names=web', ['web.1', 'web.2']],
    ['/v1/processes?names=web.2&names=worker', ['web.2', 'worker.1']],
    ['/v1/processes?names=web.2,worker', ['web.2', 'worker.1']],
    ['/v1/processes?names=web%2E2%2Cworker', ['web.2', 'worker.1']],
    ['/v1/processes?names=', ['web.1', 'web.2', 'worker.1']],
    ['/v1/processes?', ['web.1', 'web.2', 'worker.1']],
    ['/v1/processes?names=idle', []],
  ])('%s', async (target, names) => {
    const { body } = await setUp().ask('GET', target);
    expect((body as { processes: { name: string }[] }).processes.map(({ name }) => name)).toEqual(names);
  });

  test.each([
    ['/v1/stop', '{"names":["web"]}', 'stop web.1 web.2'],
    // Not what starts only when it is named.
    ['/v1/start', '', 'start web.1'],
    ['/v1/start', '{"names":["web"],"needs":"ignore"}', 'start web.1 web.2 without needs'],
    ['/v1/restart', ' {"names":["worker","web.2"]}\n', 'restart web.2 worker.1'],
    ['/v1/kill', '{"names":["web"],"signal":"SIGUSR2"}', 'SIGUSR2 web.1 web.2'],
    ['/v1/scale', '{"counts":{"web":3,"__proto__":1}}', 'scale {"web":3,"__proto__":1}'],
    ['/v1/reload', '{}', 'reload'],
    ['/v1/down', '', 'down'],
    ['/v1/stop', '{"names":["worker"],"timeout":0}', 'stop worker.1 within 0 ms'],
    ['/v1/restart', '{"names":["worker"],"timeout":1500}', 'restart worker.1 within 1500 ms'],
    ['/v1/down', '{"timeout":200}', 'down within 200 ms'],
    ['/v1/input', '{"name":"worker","text":"é\\n","end":true}', 'input worker.1 "é\\n" true'],
    ['/v1/resize', '{"name":"worker","rows":24,"columns":80}', 'resize worker.1 24 80'],
    ['/v1/input', '{"name":"worker","text":"w6k=","base64":true}', 'input worker.1 "é" false'],
  ])('POST %s %s', async (target, body, asked) => {
    const { ask, api } = setUp();
    expect((await ask('POST', target, body)).status).toBe(200);
    expect(api.asked).toEqual([asked]);
  });

  test.each([
    ['/v1/stop', '{"names":["web"]}'],
    ['/v1/start', '{"wait":false}'],
    ['/v1/restart', ''],
    ['/v1/kill', '{"names":["web"],"signal":"SIGUSR2"}'],
    ['/v1/scale', '{"counts":{"web":3}}'],
    ['/v1/reload', ''],
    ['/v1/down', ''],
  ])('POST %s has the client as its cause', async (target, body) => {
    const client = { command: 'procsup up', pid: 4711 };
    const { ask, api } = setUp();
    await ask('POST', target, body, client);
    await ask('POST', target, body);
    expect(api.causes).toEqual([{ by: 'request', client }, { by: 'request' }]);
  });

  test('a change that nobody waits for is answered before it has happened', async () => {
    const { ask, api } = setUp();
    api.changed = () => new Promise(() => undefined);
    expect(await ask('POST', '/v1/stop', '{"names":["web"],"wait":false}')).toEqual({
      status: 202,
      body: { accepted: ['web.1', 'web.2'], changedFiles: ['.env'] },
    });
  });

  test('our own lines have a name among the logs', async () => {
    const { ask } = setUp();
    const { status, over } = await ask('GET', '/v1/logs?names=system,web');
    await over;
    expect(status).toBe(200);
  });

  test('what cannot be done is refused with what to do about it', async () => {
    const { ask, api } = setUp();
    api.replanned = { impossible: [{ message: 'a' }, { message: 'b', remedy: 'do c' }] };
    expect(await ask('POST', '/v1/reload')).toEqual({
      status: 409,
      body: { error: { code: 'impossible', message: 'a\nb', remedy: 'do c' } },
    });
  });
});

/** One request for each route, and what a stream has to be told before it has a line. */
const ONE_OF_EACH: Readonly<Record<string, readonly [query: string, body: string]>> = {
  '/v1/processes': ['?details', ''],
  '/v1/scale': ['', '{"counts":{"web":2}}'],
  '/v1/kill': ['', '{"names":["web"],"signal":"SIGHUP"}'],
  '/v1/why': ['?name=web.1', ''],
  '/v1/analyze': ['', ''],
  '/v1/wait': ['?names=web&for=running', ''],
  '/v1/events': ['?follow&names=web.1', ''],
  '/v1/logs': ['?follow', ''],
  '/v1/stats': ['?history&ports', ''],
  '/v1/input': ['', '{"name":"worker","text":"x"}'],
  '/v1/terminal': ['?name=worker&rows=24&columns=80', ''],
  '/v1/claim': ['', '{"name":"pool","uses":{"db":2}}'],
  '/v1/shm/create': ['', '{"name":"frame","bytes":64}'],
  '/v1/shm/rm': ['', '{"name":"frames"}'],
  '/v1/resize': ['', '{"name":"worker","rows":24,"columns":80}'],
  '/v1/values/{name}/set': ['', '{"value":2}'],
  '/v1/values/{name}/cas': ['', '{"expected":1,"value":2}'],
  '/v1/barriers/{name}/wait': ['', '{"parties":1}'],
  '/v1/queues/{name}/put': ['', '{"messages":["y"]}'],
  '/v1/queues/{name}/ack': ['', '{"leases":["fake-9.1"]}'],
  '/v1/queues/{name}/nack': ['', '{"leases":["fake-9.1"]}'],
  '/v1/queues/{name}/extend': ['', '{"leases":["fake-9.1"],"lease":5}'],
};

/** The connection itself is switched, and only sessions make a channel: tests/control/session, tests/e2e/exchange. */
const REPLYING = ROUTES.filter(({ path }) => path !== '/v1/session' && path !== '/v1/channels/{name}/rm');

describe('every route replies as its schema says', () => {
  test.each(REPLYING.map((one) => [one.path, one] as const))('%s', async (path, one) => {
    const { api, ask, leave } = setUp();
    api.tell({ name: 'web.1', event: 'started', pid: 4242 });
    api.tell({ event: 'scaled', counts: { web: 2 } });
    api.tell({ name: 'web.1', event: 'exited', exit: { code: 1 } });
    api.past = [[{ time: '2026-01-02T03:04:05.000Z', name: 'web.1', text: '�', base64: '/w==' }]];
    await ask('POST', '/v1/queues/mail/put', '{"messages":["x",{"base64":"/w=="}]}');
    await ask('POST', '/v1/values/mail/set', '{"value":1}');
    await ask('POST', '/v1/flags/mail/set');
    const [query, body] = ONE_OF_EACH[path] ?? ['', ''];
    const asked = ask(
      one.verb,
      path.replace('{name}', path.startsWith('/v1/pools/') ? 'resize' : 'mail') + query,
      body,
    );
    api.reach();
    const reply = await asked;
    expect(reply.status).toBe(200);
    if (one.streams !== true) {
      expect(whyNot(one.reply, reply.body, 'the reply')).toBeUndefined();
      return;
    }
    api.print({ time: '2026-01-02T03:04:05.000Z', name: 'web.1', text: 'new' });
    api.lose(7);
    api.measure([
      snapshotFor('web.1'),
      snapshotFor('web.2', { pid: null, cpu: null, exit: { signal: 'SIGKILL' } }),
    ]);
    await new Promise((resolve) => setImmediate(resolve));
    leave();
    await reply.over;
    expect(reply.lines).not.toEqual([]);
    for (const line of reply.lines ?? []) expect(whyNot(one.reply, line, 'the line')).toBeUndefined();
    expect(api.openCount).toBe(0);
  });

  test('a terminal that is not there is refused, and how one is had is told', async () => {
    const { ask } = setUp();
    expect(await ask('GET', '/v1/terminal?name=web.1&rows=24&columns=80')).toMatchObject({
      status: 409,
      body: { error: { code: 'no-terminal', message: 'web.1 has no terminal' } },
    });
  });

  test('room in a cap is kept until the client goes, or refused', async () => {
    const { ask, api, leave } = setUp();
    expect(await ask('POST', '/v1/claim', '{"name":"x","uses":{"full":1}}')).toMatchObject({
      status: 409,
      body: { error: { code: 'cap-refused', message: "cap 'full' is full" } },
    });
    const { lines, over } = await ask('POST', '/v1/claim', '{"name":"pool","uses":{"db":2}}');
    expect(lines).toEqual([{ granted: true }]);
    expect(api.asked).toEqual(['claim x full:1', 'claim pool db:2']);
    leave();
    await over;
    expect(api.asked.slice(2)).toEqual(['gone pool', 'release pool']);
  });

  test('what is exchanged comes page by page', async () => {
    const { ask } = setUp();
    await ask('POST', '/v1/queues/mail/put', '{"messages":["x"]}');
    expect(await ask('GET', '/v1/exchange?most=1')).toMatchObject({
      body: { held: [{ kind: 'queue', name: 'mail', ready: 1, store: 'memory' }], next: '0/mail' },
    });
    expect(await ask('GET', '/v1/exchange?after=0/mail')).toMatchObject({
      body: { held: [{ kind: 'memory', name: 'frames' }], next: null },
    });
    expect(await ask('GET', '/v1/exchange?kinds=lock')).toMatchObject({ body: { held: [], next: null } });
    expect(await ask('GET', '/v1/exchange?kinds=pool')).toMatchObject({ status: 400 });
    expect(await ask('GET', '/v1/exchange?most=1001')).toMatchObject({ status: 400 });
  });

  test('values for a pool are answered line by line, with the counts at the end', async () => {
    const { ask, api } = setUp();
    const { lines, over } = await ask('POST', '/v1/pools/resize/run', '"a"\n{"id":"x","value":"fail"}\n7\n');
    await over;
    expect(lines).toEqual([
      { id: 1, output: 'A' },
      { id: 'x', failed: { code: 'worker-died', message: 'it died', exit: { code: 1 } } },
      { id: 3, output: '7' },
      { done: 2, failed: 1 },
    ]);
    const { reply } = ROUTES.find(({ path }) => path === '/v1/pools/{name}/run') ?? expect.fail('no route');
    for (const line of lines ?? []) expect(whyNot(reply, line, 'the line')).toBeUndefined();
    expect(api.asked).toEqual(['task a', 'task fail', 'task 7', 'pool closed']);
    expect(await ask('POST', '/v1/pools/nope/run', '"a"')).toMatchObject({
      status: 404,
      body: { error: { code: 'unknown-pool', remedy: 'known pools: resize' } },
    });
    expect(await ask('POST', '/v1/pools/a%20b/run', '"a"')).toMatchObject({ status: 400 });
    expect(await ask('POST', '/v1/pools/resize', '')).toMatchObject({ status: 404 });
    expect(await ask('GET', '/v1/pools/resize/run')).toMatchObject({ status: 405 });
  });

  test.each(['start', 'stop', 'restart'])('%s that nobody waits for', async (verb) => {
    const { body } = await setUp().ask('POST', `/v1/${verb}`, '{"wait":false}');
    const { accepted } = ROUTES.find(({ path }) => path === `/v1/${verb}`) ?? {};
    expect(whyNot(accepted ?? { type: 'null' }, body, 'the reply')).toBeUndefined();
  });
});

describe('a handler that throws', () => {
  const failing = (thrown: unknown) =>
    route({
      ...{ verb: 'GET', path: '/x', summary: '', input: { type: 'object', properties: {} } },
      reply: { type: 'null' },
      handle() {
        throw thrown;
      },
    });

  test.each([
    [new TypeError('x is not a function'), 500, { code: 'internal', message: 'x is not a function' }],
    ['a word', 500, { code: 'internal', message: 'a word' }],
    [undefined, 500, { code: 'internal', message: 'undefined' }],
    [new Refused(418, 'teapot', 'short and stout'), 418, { code: 'teapot', message: 'short and stout' }],
  ])('%s', async (thrown, status, error) => {
    const reply = await setUp([failing(thrown)]).ask('GET', '/x');
    expect(reply).toEqual({ status, body: { error } });
    expect(whyNot(ERROR, reply.body, 'it')).toBeUndefined();
  });
});
