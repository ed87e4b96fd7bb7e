import { describe, expect, test } from 'vitest';
import { addressSource, addressText, overlap, readAddress } from '../../../src/core/sockets/address.ts';
import { ipBytes } from '../../../src/core/sockets/ip.ts';
import type { SocketAddress } from '../../../src/core/sockets/socket-plan.ts';

const tcp = (host: string, port: number): SocketAddress => ({ kind: 'tcp', host, port });
const unix = (path: string): SocketAddress => ({ kind: 'unix', path });

const READ: readonly (readonly [string, SocketAddress, string | number, string])[] = [
  ['3000', tcp('', 3000), 3000, 'port 3000'],
  ['0', tcp('', 0), 0, 'port 0'],
  ['*:3000', tcp('', 3000), 3000, 'port 3000'],
  ['localhost:3000', tcp('127.0.0.1', 3000), '127.0.0.1:3000', '127.0.0.1:3000'],
  ['tcp:127.0.0.1:3000', tcp('127.0.0.1', 3000), '127.0.0.1:3000', '127.0.0.1:3000'],
  ['[::1]:3000', tcp('::1', 3000), '[::1]:3000', '[::1]:3000'],
  ['udp:5353', { kind: 'udp', host: '', port: 5353 }, 'udp:5353', 'UDP port 5353'],
  ['./run/web.sock', unix('./run/web.sock'), './run/web.sock', './run/web.sock'],
  ['/run/web.sock', unix('/run/web.sock'), '/run/web.sock', '/run/web.sock'],
  ['unix:web.sock', unix('web.sock'), 'unix:web.sock', 'web.sock'],
];

test.each(READ)('%s is read, and said again', (text, address, source, words) => {
  expect(readAddress(text)).toEqual({ address });
  expect(addressSource(address)).toBe(source);
  expect(readAddress(String(source))).toEqual({ address });
  expect(addressText(address)).toBe(words);
});

test.each([
  ['', "invalid address '' for 'listen'"],
  ['web.sock', "invalid address 'web.sock' for 'listen'"],
  ['65536', "invalid port '65536'"],
  ['example.com:80', "cannot listen on the host name 'example.com'"],
  ['300.0.0.1:80', "cannot listen on the host name '300.0.0.1'"],
  ['::1:3000', "invalid address '::1:3000' for 'listen'"],
  ['http://127.0.0.1:3000', "invalid address 'http://127.0.0.1:3000' for 'listen'"],
  ['unix:', "invalid address 'unix:' for 'listen'"],
  ['unix:@abstract', "invalid address 'unix:@abstract' for 'listen'"],
])('%s is refused', (text, message) => {
  expect(readAddress(text)).toMatchObject({ message, remedy: expect.any(String) as string });
});

test.each([
  [tcp('', 3000), tcp('127.0.0.1', 3000), true],
  [tcp('0.0.0.0', 3000), tcp('127.0.0.1', 3000), true],
  [tcp('127.0.0.1', 3000), tcp('127.0.0.2', 3000), false],
  [tcp('::1', 3000), tcp('0:0::1', 3000), true],
  [tcp('', 0), tcp('', 0), false],
  [tcp('', 3000), { kind: 'udp', host: '', port: 3000 } as const, false],
  [unix('./run/a.sock'), unix('run//./a.sock'), true],
  [unix('a'), unix('b'), false],
])('whether %j and %j overlap', (a, b, expected) => {
  expect(overlap(a, b)).toBe(expected);
  expect(overlap(b, a)).toBe(expected);
});

describe('the bytes of an IP address', () => {
  const six = (...tail: readonly number[]) => [...Array.from({ length: 16 - tail.length }, () => 0), ...tail];
  test.each([
    ['127.0.0.1', [127, 0, 0, 1]],
    ['::', six()],
    ['::1', six(1)],
    ['::ffff:1.2.3.4', six(255, 255, 1, 2, 3, 4)],
    ['fe80::1:2', [0xfe, 0x80, ...six(0, 1, 0, 2).slice(2)]],
    ['1:2:3:4:5:6:7:8', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
  ])('%s', (text, bytes) => {
    expect(ipBytes(text)).toEqual(bytes);
  });
  test.each([
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8::',
    '::g',
    'fe80::1%eth0',
  ])('%s is none', (text) => {
    expect(ipBytes(text)).toBeUndefined();
  });
});
