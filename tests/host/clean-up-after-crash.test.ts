/** What a killed supervisor leaves on disk; that its processes are stopped is tried with real ones. */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cleanUpAfterCrash } from '../../src/host/ownership/clean-up-after-crash.ts';
import type { CrashedOwner } from '../../src/os/files/lock.ts';
import { placesOf } from '../../src/os/files/places.ts';
import { scratch } from '../helpers/scratch.ts';

/** As it is after SIGKILL: a server that closes removes what it finds under its own name only. */
async function deadSocket(path: string): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.alive`, resolve));
  renameSync(`${path}.alive`, path);
  await new Promise((resolve) => server.close(resolve));
  return path;
}

async function cleanUp(root: string, socket: string, crashed: readonly CrashedOwner[]): Promise<number> {
  let removed = 0;
  const lock = {
    keep: () => ({ kind: 'kept' }) as const,
    removeCrashed: () => (removed += 1),
    release: () => undefined,
  };
  await cleanUpAfterCrash({ lock, crashed, places: { ...placesOf(root, { HOME: root }), socket } });
  return removed;
}

const crashedAt = (root: string, socket: string): CrashedOwner => ({
  identity: { pid: 2 ** 22 + 1, started: '1', boot: null },
  ...{ root, socket, mark: 'nobody:', mode: 'foreground', since: '2026-01-31T12:00:00Z', version: '1' },
});

test('its socket is removed, wherever it was, and so is one in our place', async () => {
  const root = scratch();
  const [ours, theirs] = [await deadSocket(join(root, 'ours')), await deadSocket(join(root, 'theirs'))];
  expect([ours, theirs].filter(existsSync)).toEqual([ours, theirs]);
  expect(await cleanUp(root, ours, [crashedAt(root, theirs)])).toBe(1);
  expect([ours, theirs].filter(existsSync)).toEqual([]);
});

test('where its lock file cannot be read, the one in our place is removed', async () => {
  const root = scratch();
  const ours = await deadSocket(join(root, 'ours'));
  await cleanUp(root, ours, [{ mark: null, file: 'claim.1' }]);
  expect(existsSync(ours)).toBe(false);
});

test('what is no socket stays', async () => {
  const root = scratch();
  const file = join(root, 'file');
  writeFileSync(file, 'x');
  await cleanUp(root, join(root, 'none'), [crashedAt(root, file)]);
  expect(existsSync(file)).toBe(true);
});
