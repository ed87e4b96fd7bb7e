import { expect, test } from 'vitest';
import type { ListeningSocket } from '../../../src/core/check/answer.ts';
import { countingSockets, judgeListening, type PortRules } from '../../../src/core/check/listening.ts';

const RULES: PortRules = { named: undefined, given: 5000, declared: [], ephemeral: [32768, 60999] };
const at = (port: number, inode = String(port)): ListeningSocket => ({ inode, port, address: '::' });
const portsOf = (ports: readonly number[], rules: Partial<PortRules> = {}) =>
  countingSockets(
    ports.map((port) => at(port)),
    { ...RULES, ...rules },
  ).map(({ port }) => port);

test.each([
  { what: 'its PORT alone, if it listens there', ports: [2019, 5000, 40000], counts: [5000] },
  { what: 'any other port without it', ports: [2019, 8080], counts: [2019, 8080] },
  { what: 'no port that the kernel has chosen', ports: [32768, 45000, 60999], counts: [] },
  { what: 'ports beside that range', ports: [32767, 61000], counts: [32767, 61000] },
  { what: 'no inspector', ports: [9229, 9239, 9240], counts: [9240] },
  { what: 'a PORT that is one of these', ports: [40000, 3000], rules: { given: 40000 }, counts: [40000] },
  { what: 'declared ports as its PORT', ports: [3000, 4000], rules: { declared: [4000] }, counts: [4000] },
  { what: 'the port of the check alone', ports: [5000, 5432], rules: { named: 5432 }, counts: [5432] },
  { what: 'nothing else for that', ports: [5000], rules: { named: 5432 }, counts: [] },
])('counts $what', ({ ports, rules, counts }) => {
  expect(portsOf(ports, rules)).toEqual(counts);
});

test('the same socket in two looks, at least 250 ms apart', () => {
  const first = judgeListening([at(5000, 'a')], RULES, new Map(), 1000);
  expect(first).toMatchObject({ holds: false, againMs: 250 });
  expect(judgeListening([at(5000, 'a')], RULES, first.seen, 1249)).toMatchObject({
    holds: false,
    againMs: 1,
  });
  expect(judgeListening([at(5000, 'a')], RULES, first.seen, 1250).holds).toBe(true);
});

test('a socket that takes the place of another one begins anew, and so does one that was away', () => {
  const test = judgeListening([at(5000, 'test')], RULES, new Map(), 0);
  const real = judgeListening([at(5000, 'real')], RULES, test.seen, 300);
  expect(real.holds).toBe(false);
  const away = judgeListening([], RULES, test.seen, 100);
  expect(judgeListening([at(5000, 'test')], RULES, away.seen, 300).holds).toBe(false);
});

test('a helper that has listened for long does not count when its PORT comes', () => {
  const before = judgeListening([at(40000)], RULES, new Map(), 0);
  expect(judgeListening([at(40000), at(5000)], RULES, before.seen, 300).holds).toBe(false);
});

test.each([
  { sockets: [], words: 'not listening on 5000' },
  { sockets: [at(45000), at(9229)], words: 'not listening on 5000 (listening on 9229, 45000)' },
  { sockets: [at(8080)], words: 'has just begun to listen on 8080' },
  { sockets: null, words: 'its sockets cannot be looked at' },
])('says $words', ({ sockets, words }) => {
  expect(judgeListening(sockets, RULES, new Map(), 0)).toMatchObject({ holds: false, words });
});
