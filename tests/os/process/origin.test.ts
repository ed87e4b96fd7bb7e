import { expect, test } from 'vitest';
import { ownOrigin, whereaboutsOf, type Origin } from '../../../src/os/process/origin.ts';

const OWN: Origin = { machine: 'alpha 1', pidNamespace: '4026531836' };
const identity = (boot: string | null) => ({ pid: 7, started: '1', boot });

test.each([
  ['the same namespace and boot', identity('b'), OWN, 'here'],
  ['an older version, which does not tell', identity('c'), undefined, 'here'],
  ['another namespace of this boot', identity('b'), { ...OWN, pidNamespace: '1' }, 'another pid namespace'],
  ['another machine', identity('c'), { ...OWN, machine: 'beta 1' }, 'another machine'],
  ['a clone of this machine', identity('c'), { ...OWN, machine: 'beta 1' }, 'another machine'],
  ['this machine before it was restarted', identity('c'), { ...OWN, pidNamespace: '1' }, 'here'],
  [
    'a machine that was renamed, which has not been restarted',
    identity('b'),
    { ...OWN, machine: 'x' },
    'here',
  ],
] as const)('%s', (_name, other, origin, expected) => {
  expect(whereaboutsOf(other, origin, OWN, 'b')).toBe(expected);
});

test('without boot ids and namespaces (macOS) the name of the machine decides', () => {
  const mac = { machine: 'alpha', pidNamespace: null };
  expect(whereaboutsOf(identity(null), mac, mac, null)).toBe('here');
  expect(whereaboutsOf(identity(null), { ...mac, machine: 'beta' }, mac, null)).toBe('another machine');
});

test('our own origin is here', () => {
  expect(ownOrigin()).toEqual({
    machine: expect.stringMatching(/./) as unknown,
    pidNamespace: expect.stringMatching(/^\d+$/) as unknown,
  });
  expect(whereaboutsOf(identity(null), ownOrigin())).toBe('here');
});
