/** A connection that nobody complains about, and that is not taken for more than it is. */
import { createServer, type Server, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Answer } from '../../../src/core/check/answer.ts';
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
