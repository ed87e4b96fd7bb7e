/** Two directories never have the same port, and one has the same ports again. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { portsOf } from '../../../src/core/plan/auto-port.ts';
import { assignPorts, type AssignedPorts } from '../../../src/os/files/assign-ports.ts';
import {
  claimPorts,
  readPortClaims,
  type PortClaim,
  type PortClaims,
} from '../../../src/os/files/port-claims.ts';
import { scratch } from '../../helpers/scratch.ts';

function directories(...names: readonly string[]) {
  const base = scratch();
  for (const name of names) mkdirSync(join(base, name));
  const env = { XDG_STATE_HOME: join(base, 'state') };
  const stateBase = join(base, 'state/procsup');
  const assign = async (name: string, { lines = 2, instances = 1, onlyLook = false } = {}) => {
    const used = (first: number, step: number) => Array.from({ length: lines }, (_, at) => first + at * step);
    const assigned = await assignPorts({ root: join(base, name), env, lines, instances, used, onlyLook });
    if ('refused' in assigned) throw new Error(assigned.refused);
    return assigned;
  };
  return { base, stateBase, assign, claimsOf: (name: string) => readPortClaims(stateBase, join(base, name)) };
}

async function listenOn(port: number): Promise<() => Promise<void>> {
  const server = createServer();
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(port, '127.0.0.1', resolve));
  onTestFinished(close);
  return close;
}

test('a directory has the same base each time; another one has another, with no port in common', async () => {
  const { assign, claimsOf } = directories('a', 'b');
  const [a, b] = [await assign('a'), await assign('b')];
  expect(await assign('a')).toEqual(a);
  const { own, claimed, others } = claimsOf('a');
  expect(own).toMatchObject({ base: a.base, lines: 10, room: 10, step: 100 });
  expect(others).toBe(1);
  expect(claimed.has(b.base)).toBe(true);
  expect(portsOf(a.base, own as PortClaim).filter((port) => claimed.has(port))).toEqual([]);
});

test('who only looks claims nothing, and sees what a start would get', async () => {
  const { assign, claimsOf } = directories('a');
  const seen = await assign('a', { onlyLook: true });
  expect(claimsOf('a').own).toBeUndefined();
  expect(await assign('a')).toEqual(seen);
});

test('a port on which somebody listens is left out; the base moves only if one that it uses is taken', async () => {
  const { assign } = directories('a');
  const { base } = await assign('a', { onlyLook: true });
  const close = await listenOn(base + 100);
  const other = await assign('a');
  expect(other.base).not.toBe(base);
  await close();
  expect(await assign('a')).toEqual(other);
  await listenOn(other.base + 500);
  expect(await assign('a')).toEqual(other);
  await listenOn(other.base);
  const moved: AssignedPorts = await assign('a');
  expect(moved).toMatchObject({ moved: { from: other.base, takenPort: other.base } });
  expect(moved.base).not.toBe(other.base);
});

test('a Procfile that grows keeps its base', async () => {
  const { assign, claimsOf } = directories('a');
  const { base } = await assign('a');
  expect(await assign('a', { lines: 30, instances: 12 })).toMatchObject({ base });
  expect(claimsOf('a').own).toMatchObject({ base, lines: 30, room: 20 });
});

test('a directory that is gone gives its ports back', async () => {
  const { base, stateBase, assign, claimsOf } = directories('a', 'b');
  await assign('a');
  await assign('b');
  rmSync(join(base, 'a'), { recursive: true });
  expect(claimsOf('b')).toMatchObject({ others: 0, claimed: new Set() });
  expect(readdirSync(join(stateBase, 'ports'))).toHaveLength(1);
});

test('of two that claim the same at the same moment one chooses again', () => {
  const { base, stateBase } = directories('a', 'b');
  const claim = (name: string, first: number): PortClaim => ({
    ...{ root: join(base, name), base: first, lines: 10, room: 10, step: 100 },
  });
  const choose =
    (name: string) =>
    ({ claimed }: PortClaims): PortClaim =>
      claim(name, claimed.has(20_000) ? 20_010 : 20_000);
  let isFirst = true;
  const result = claimPorts(stateBase, join(base, 'a'), choose('a'), () => {
    // The other one has read before, and writes now.
    const path = join(stateBase, 'ports', 'other.json');
    if (isFirst) writeFileSync(path, JSON.stringify(claim('b', 20_000)));
    isFirst = false;
  });
  expect(result?.base).toBe(20_010);
});

test('a claim that cannot be read is none', async () => {
  const { stateBase, assign, claimsOf } = directories('a', 'b');
  await assign('a');
  for (const [name, text] of [
    ['x.json', '{'],
    ['y.json', '{"root":"/","base":10000,"lines":1e9,"room":1,"step":1}'],
  ] as const) {
    writeFileSync(join(stateBase, 'ports', name), text);
  }
  expect(claimsOf('b').others).toBe(1);
});
