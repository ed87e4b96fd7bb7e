import { describe, expect, test } from 'vitest';
import { clientHeader, readClientHeader } from '../../src/control/client-info.ts';

test.each([
  [{ command: 'procsup stop web', pid: 4711, user: 'jo' }],
  [{ command: 'déployer & fils=100% +1' }],
  [{ pid: 1 }],
  [{ user: 'jo' }],
])('arrives as it was said: %j', (info) => {
  const header = clientHeader(info);
  expect(header).toMatch(/^[\x21-\x7e]+$/);
  expect(readClientHeader(header)).toEqual(info);
});

test('nothing to say', () => {
  expect(clientHeader({})).toBe('');
});

describe('what is said wrongly is left out', () => {
  test.each([
    [undefined, undefined],
    ['', undefined],
    ['nonsense', undefined],
    ['%', undefined],
    ['command=&pid=&user=', undefined],
    ['pid=0', undefined],
    ['pid=-1', undefined],
    ['pid=1.5', undefined],
    ['pid=1e3', undefined],
    ['pid=2147483648', undefined],
    ['pid=99999999999999999999', undefined],
    ['pid=2147483647', { pid: 2_147_483_647 }],
    ['pid=7&pid=8', { pid: 7 }],
    ['command=x&pid=NaN&shell=/bin/sh', { command: 'x' }],
    [['command=a', 'command=b'], undefined],
  ])('%j', (header, info) => {
    expect(readClientHeader(header)).toEqual(info);
  });
});

describe('is harmless and short', () => {
  const commandIn = (text: string) => readClientHeader(`command=${encodeURIComponent(text)}`)?.command;

  test.each([
    ['a\u001b[2J\u001b]0;title\u0007b', 'a [2J ]0;title b'],
    ['a\r\nb\tc\u0000d', 'a b c d'],
    ['a\u009b31mb', 'a 31mb'],
    ['a\u202eb\u2066c\u200fd', 'a b c d'],
    ['a\u2028b\u2029c', 'a b c'],
    ['x` by `y', 'x  by  y'],
    ['  a  ', 'a'],
    ['\n\n', undefined],
    ['\ue000', undefined],
  ])('%j', (text, told) => {
    expect(commandIn(text)).toBe(told);
  });

  test('a character of two units is not cut in two', () => {
    expect(commandIn('😀'.repeat(150))).toBe('😀'.repeat(150));
    expect(commandIn('😀'.repeat(201))).toBe(`${'😀'.repeat(199)}…`);
    expect(commandIn('x'.repeat(200))).toHaveLength(200);
    expect(commandIn('x'.repeat(100_000))).toBe(`${'x'.repeat(199)}…`);
  });

  test('the name of a user too', () => {
    expect(readClientHeader(`user=${'x'.repeat(65)}%0a`)).toEqual({ user: `${'x'.repeat(63)}…` });
  });

  test('a client does not say more than is heard', () => {
    const longest = clientHeader({
      command: '\u20ac'.repeat(500),
      user: '\u20ac'.repeat(500),
      pid: 2 ** 31 - 1,
    });
    expect(longest.length).toBeLessThan(4096);
  });
});
