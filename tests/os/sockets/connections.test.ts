import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SocketAddress } from '../../../src/core/sockets/socket-plan.ts';
import { loadFastKoffiSockets } from '../../../src/os/pipes/koffi-addon.ts';
import { hasConnection } from '../../../src/os/sockets/connections.ts';
import { until } from '../../helpers/eventually.ts';
import { scratch } from '../../helpers/scratch.ts';

const netlink = process.platform === 'linux' ? (await loadFastKoffiSockets())?.openNetlink() : undefined;
const WAYS = [
  ['/proc', undefined],
  ...(netlink === undefined ? [] : [['netlink', netlink.dump] as const]),
] as const;

const tcp = (host: string, port: number): SocketAddress => ({ kind: 'tcp', host, port });

async function listening(where: { host: string } | { path: string }): Promise<Server> {
  const server = createServer((client) => client.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => server.listen({ ...where, port: 0 }, resolve));
  onTestFinished(() => void server.close());
  return server;
}

async function connected(port: number, host: string): Promise<Socket> {
  const client = connect(port, host);
  await new Promise((resolve) => client.once('connect', resolve));
  onTestFinished(() => void client.destroy());
  return client;
}

describe.skipIf(process.platform !== 'linux').each(WAYS)('by %s', (_, dump) => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['', '127.0.0.1'],
    ['::1', '::1'],
    ['::', '::1'],
  ])('a connection to %s is seen until it is closed', async (host, target) => {
    const server = await listening({ host: host === '' ? '::' : host });
    const { port } = server.address() as AddressInfo;
    expect(hasConnection(tcp(host, port), port, dump)).toBe(false);
    const client = await connected(port, target);
    expect(hasConnection(tcp(host, port), port, dump)).toBe(true);
    client.destroy();
    await until(() => !hasConnection(tcp(host, port), port, dump), 'it is closed');
  });

  it('one who has closed only its own side is still there', async () => {
    const server = createServer({ allowHalfOpen: true }, (client) => client.resume());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const client = await connected(port, '127.0.0.1');
    await new Promise<void>((resolve) => client.end(resolve));
    expect(hasConnection(tcp('127.0.0.1', port), port, dump)).toBe(true);
  });

  it('neither a connection to another address with the same port nor that of a client counts', async () => {
    const server = await listening({ host: '127.0.0.1' });
    const { port } = server.address() as AddressInfo;
    const client = await connected(port, '127.0.0.1');
    expect(hasConnection(tcp('127.0.0.2', port), port, dump)).toBe(false);
    const own = client.localPort ?? 0;
    expect(hasConnection(tcp('127.0.0.2', own), own, dump)).toBe(false);
  });
});

it.skipIf(process.platform !== 'linux')(
  'a connection to a path is seen until both sides are closed',
  async () => {
    const path = join(scratch({}), 'a b.sock');
    const server = createServer((client) => client.resume());
    await new Promise<void>((resolve) => server.listen(path, resolve));
    onTestFinished(() => void server.close());
    const address = { kind: 'unix', path } as const;
    expect(hasConnection(address, 0, undefined)).toBe(false);
    const client = connect(path);
    await new Promise((resolve) => client.once('connect', resolve));
    expect(hasConnection(address, 0, undefined)).toBe(true);
    client.destroy();
    await until(() => !hasConnection(address, 0, undefined), 'it is closed');
  },
);

it('where netlink does not answer, /proc does', () => {
  const proc = scratch({});
  mkdirSync(join(proc, 'net'));
  onTestFinished(() => rmSync(proc, { recursive: true, force: true }));
  const line = '0: 0100007F:0BB8 0100007F:C350 01 00000000:00000000 00:00000000 00000000 0 0 77 1';
  writeFileSync(join(proc, 'net/tcp'), `sl local rem st\n${line}\n`);
  const failing = (): boolean => false;
  expect(hasConnection(tcp('127.0.0.1', 3000), 3000, failing, proc)).toBe(true);
  expect(hasConnection(tcp('127.0.0.1', 3001), 3001, failing, proc)).toBe(false);
});
