import { createServer } from 'node:net';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tableOfNetlink, tableOfProc } from '../../../src/os/check/listening-table.ts';
import { addressOf } from '../../../src/os/proc/sock-diag.ts';
import { loadFastKoffiSockets } from '../../../src/os/pipes/koffi-addon.ts';
import { scratch } from '../../helpers/scratch.ts';

test.each([
  ['7f000001', '127.0.0.1'],
  ['00000000', '0.0.0.0'],
  ['00000000000000000000000000000000', '::'],
  ['00000000000000000000000000000001', '::1'],
  ['00000000000000000000ffff7f000001', '127.0.0.1'],
  ['20010db8000000000000000000000001', '2001:0db8:0000:0000:0000:0000:0000:0001'],
])('%s is %s', (hex, address) => {
  expect(addressOf(Buffer.from(hex, 'hex'))).toBe(address);
});

test('of /proc only what listens is taken, and IPv6 may be missing', () => {
  const proc = scratch();
  mkdirSync(join(proc, 'net'));
  const lines = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 42 1 0 100',
    '   1: 0100007F:1388 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 43 1 0 100',
  ];
  writeFileSync(join(proc, 'net/tcp'), `${lines.join('\n')}\n`);
  expect(tableOfProc(proc)).toEqual([{ inode: '42', port: 5000, address: '127.0.0.1' }]);
  expect(tableOfProc(join(proc, 'nowhere'))).toBeUndefined();
});

test('netlink and /proc name the same sockets', async () => {
  const netlink = (await loadFastKoffiSockets())?.openNetlink();
  if (netlink === undefined) return expect.fail('no netlink');
  onTestFinished(() => netlink.close());
  const ports: number[] = [];
  for (const host of ['127.0.0.1', '0.0.0.0', '::1', '::']) {
    const server = createServer();
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const address = server.address();
    if (typeof address === 'object' && address !== null) ports.push(address.port);
  }
  const own = (table: ReturnType<typeof tableOfProc>) =>
    table?.filter(({ port }) => ports.includes(port)).sort((a, b) => a.port - b.port);
  const [byNetlink, byProc] = [own(tableOfNetlink(netlink.dump)), own(tableOfProc())];
  expect(byNetlink).toHaveLength(4);
  expect(byNetlink).toEqual(byProc);
});
