/** What the exchange holds is told without loading what was not used. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { heldBy } from '../../src/host/held.ts';
import { createLazyExchange } from '../../src/host/lazy/exchange.ts';
import { STORE_FILE } from '../../src/os/messages/store-file.ts';
import { scratch } from '../helpers/scratch.ts';

const MEMORY = { name: 'frames', bytes: 64, path: '/dev/shm/x/frames', since: '2026-01-02T03:04:05.000Z' };
const shared = { list: () => [{ ...MEMORY, variable: 'PROCSUP_SHM_FRAMES' }] };
const IN_MEMORY = { root: '/', stateDirectory: undefined };

test('before the first use there is shared memory, and nothing is opened', async () => {
  const lazy = createLazyExchange(IN_MEMORY);
  expect(await heldBy(lazy, shared)).toEqual({ held: [{ kind: 'memory', ...MEMORY }], remarks: [] });
  expect(await lazy.ifUsed()).toBeUndefined();
});

test('after it there is what was made, and why it is in memory', async () => {
  const lazy = createLazyExchange(IN_MEMORY);
  const { queues } = await lazy.open();
  await queues.set('mail', { isPaused: true, maxsize: 7 });
  const { held, remarks } = await heldBy(lazy, { list: () => [] });
  expect(held).toEqual([
    {
      ...{ kind: 'queue', name: 'mail', ready: 0, delayed: 0, leased: 0, dead: 0 },
      ...{ readers: 0, writers: 0, maxsize: 7, paused: true, store: 'memory' },
    },
  ]);
  expect(remarks).toEqual([expect.stringContaining('queues are kept in memory only')]);
  lazy.close();
});

test('messages that another supervisor has left count as used, and are told if they cannot be opened', async () => {
  const stateDirectory = join(scratch(), 'state');
  mkdirSync(stateDirectory);
  writeFileSync(
    join(stateDirectory, STORE_FILE),
    'this is no database, but long enough to be taken for one\n'.repeat(20),
  );
  const lazy = createLazyExchange({ root: '/', stateDirectory });
  const { held, remarks } = await heldBy(lazy, shared);
  expect(held).toMatchObject([{ kind: 'memory' }]);
  // A Node without SQLite has nothing that could open it, and says that.
  expect(remarks).toEqual([expect.stringMatching(/cannot open the queues: .|kept in memory only: Node/)]);
  lazy.close();
});
