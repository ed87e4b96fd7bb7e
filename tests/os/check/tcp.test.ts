/** A connection that nobody complains about, and that is not taken for more than it is. */
import { createServer, type Server, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Answer } from '../../../src/core/check/answer.ts';
import type { Check } from '../../../src/core/check/check.ts';
import { checkWithoutSockets } from '../../../src/core/check/without-sockets.ts';
import { servicePlan } from '../../../src/core/plan/process-plan.ts';
import { askTcp } from '../../../src/os/check/tcp.ts';
import { createTreeSockets } from '../../../src/os/check/tree-sockets.ts';
import { tableOfProc } from '../../../src/os/check/listening-table.ts';
import { systemClock } from '../../../src/os/clock.ts';
import type { Subject } from '../../../src/ports/checks.ts';
import { inTime } from '../../helpers/eventually.ts';
import { fakeInstance } from '../../helpers/fake-instance.ts';
import { answerTo, openCheckWorld } from '../../helpers/subject.ts';

async function serve(onConnection: (socket: Socket, server: Server) => void, host = '127.0.0.1') {
  const server = createServer({ allowHalfOpen: true });
  server.on('connection', (socket) => onConnection(socket, server));
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

/** This process stands for the one that is checked: it is the root of a tree. */
function ask(port: number, host?: string): Promise<Answer> {
  const trees = createTreeSockets(tableOfProc, systemClock);
  onTestFinished(() => trees.close());
  const ports = { given: 1, declared: [], ephemeral: [0, 0] } as const;
  const subject: Subject = { instance: fakeInstance('web.1'), run: 1, pid: process.pid, root: '/', ports };
  const check = { kind: 'tcp', port, ...(host !== undefined && { host }) } as const;
  return inTime(
    new Promise((resolve) => askTcp(check, subject, { trees, clock: systemClock }, resolve)),
    'an answer',
  );
}

test('the server sees an orderly end, and no reset, whatever it has said', async () => {
  const seen: string[] = [];
  let over = (): void => undefined;
  const isOver = new Promise<void>((resolve) => (over = resolve));
  const { port } = await serve((socket) => {
    socket.write('220 welcome\r\n'.repeat(100));
    socket.on('data', () => seen.push('data'));
    socket.on('end', () => {
      seen.push('end');
      socket.end('bye');
    });
    socket.on('error', ({ message }) => seen.push(message));
    socket.on('close', over);
  });
  expect(await ask(port)).toEqual({ is: 'yes' });
  await inTime(isOver, 'the connection is over');
  expect(seen).toEqual(['end']);
});

test('a server that neither says nor closes anything counts when its socket is still there', async () => {
  const world = await openCheckWorld();
  const port = await world.listen('mute');
  expect(await answerTo(world, { kind: 'tcp', port })).toEqual({ is: 'yes' });
});

test('a socket that is closed again was a test', async () => {
  const { port } = await serve((socket, server) => {
    server.close();
    socket.resetAndDestroy();
  });
  expect(await ask(port)).toEqual({ is: 'no', words: `tcp ${String(port)}: connection reset` });
});

test('a server that resets each connection and listens on is one that serves', async () => {
  const { port } = await serve((socket) => void socket.resetAndDestroy());
  expect(await ask(port)).toEqual({ is: 'yes' });
});

test.each(['127.0.0.1', '::1', '0.0.0.0', '::'])('it is found on %s', async (host) => {
  const { port } = await serve((socket) => void socket.end(), host);
  expect(await ask(port)).toEqual({ is: 'yes' });
});

test('a host that is named is asked whoever listens there', async () => {
  const { port, server } = await serve((socket) => void socket.end());
  expect(await ask(port, '127.0.0.1')).toEqual({ is: 'yes' });
  await new Promise((resolve) => server.close(resolve));
  expect(await ask(port, '127.0.0.1')).toEqual({
    is: 'no',
    words: `tcp 127.0.0.1:${String(port)}: connection refused`,
  });
});

test.each(['127.0.0.1', '::1'])('where the system does not tell who listens, %s is reached', async (host) => {
  const world = await openCheckWorld({ proc: '/nowhere' });
  const port = await world.listen('mute', host);
  const plan = servicePlan('web', 'serve', world.subject.instance.plan.place);
  expect(world.prober.seesSockets).toBe(false);
  const ask = (check: Check) => answerTo(world, checkWithoutSockets(check, plan, port));
  expect(await ask({ kind: 'listening' })).toEqual({ is: 'yes' });
  await world.close();
  expect(await ask({ kind: 'listening' })).toEqual({
    is: 'no',
    words: `tcp localhost:${String(port)}: connection refused`,
  });
});

test('where the system does not tell who listens, a path is asked for on its port', async () => {
  const world = await openCheckWorld({ proc: '/nowhere' });
  const port = await world.listen('http');
  const plan = servicePlan('web', 'serve', world.subject.instance.plan.place);
  const ask = (target: string) => answerTo(world, checkWithoutSockets({ kind: 'http', target }, plan, port));
  expect(await ask('/')).toEqual({ is: 'yes' });
  expect(await ask('/busy')).toMatchObject({ words: `http http://localhost:${String(port)}/busy: 503` });
});
