/** Who listens on which port. */
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  listenersByLsof,
  listenersOn,
  listeningSockets,
  parseLsof,
  portsOfProcesses,
  type ListeningSockets,
} from '../../../src/os/proc/listening.ts';
import { createPortFinder } from '../../../src/os/proc/port-finder.ts';
import { emptyStat } from '../../../src/os/proc/stat.ts';
import type { Tree } from '../../../src/os/proc/tree.ts';

async function listen(host: string): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const server = createServer();
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(0, host, resolve));
  onTestFinished(close);
  return { port: (server.address() as AddressInfo).port, close };
}

const own = `/proc/${String(process.pid)}`;
const sockets = (): ListeningSockets => listeningSockets() ?? new Map<string, number>();
const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

describe.runIf(existsSync('/proc/net/tcp'))('by /proc', () => {
  test.each(['127.0.0.1', '0.0.0.0', ...(hasIpv6 ? ['::1', '::'] : [])])(
    'a socket on %s is found, with its process, until it is closed',
    async (host) => {
      const { port, close } = await listen(host);
      expect([...sockets().values()]).toContain(port);
      expect(portsOfProcesses([own, own], sockets())?.filter((one) => one === port)).toEqual([port]);
      expect(listenersOn(new Set([port]), sockets())).toEqual([{ port, pid: process.pid }]);
      await close();
      expect([...sockets().values()]).not.toContain(port);
      expect(listenersOn(new Set([port]), sockets())).toEqual([]);
    },
  );

  test('a process that is gone has no ports; a socket of a process that we cannot see has no pid', async () => {
    const { port } = await listen('127.0.0.1');
    expect(portsOfProcesses(['/proc/0'], sockets())).toEqual([]);
    expect(portsOfProcesses([own], new Map())).toEqual([]);
    expect(listenersOn(new Set([port]), new Map([['1', port]]))).toEqual([{ port, pid: null }]);
    expect(listenersOn(new Set([port]), new Map([['1', port + 1]]))).toEqual([]);
  });
});

test('descriptors are looked at again only if other sockets listen, or the tree has other processes', () => {
  const looks: (readonly string[])[] = [];
  let listening: ListeningSockets = new Map([['7', 3000]]);
  const finder = createPortFinder(
    () => listening,
    (directories) => {
      looks.push(directories);
      return [3000];
    },
  );
  const tree = (pids: readonly number[]): Tree =>
    pids.map((pid) => {
      const stat = { ...emptyStat(), state: 'S'.charCodeAt(0), startTicks: pid, thread: pid };
      return { pid, stat } as Tree[number];
    });
  const find = (...pids: readonly number[]) => finder.find(new Map([[10, tree(pids)]])).get(10);
  expect([find(10), find(10), looks.length]).toEqual([[3000], [3000], 1]);
  expect([find(10, 11), find(10, 11), looks.length]).toEqual([[3000], [3000], 2]);
  listening = new Map([['8', 3000]]);
  expect([find(10, 11), looks.length]).toEqual([[3000], 3]);
});

test('the output of lsof is read', () => {
  expect(parseLsof('p12\nf5\nn127.0.0.1:5000\nf6\nn[::1]:5001\np13\nf3\nn*:80\n')).toEqual([
    { port: 5000, pid: 12 },
    { port: 5001, pid: 12 },
    { port: 80, pid: 13 },
  ]);
  expect(parseLsof('')).toEqual([]);
});

const hasLsof = ['/usr/bin/lsof', '/usr/sbin/lsof', '/bin/lsof'].some((path) => existsSync(path));

test.runIf(hasLsof)('lsof finds a socket of ours', async () => {
  const { port } = await listen('127.0.0.1');
  expect(await listenersByLsof()).toContainEqual({ port, pid: process.pid });
});

test('without lsof it is not known who listens', async () => {
  expect(await listenersByLsof('/no/such/lsof')).toBeUndefined();
});
