import { execFileSync, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeWithSqlite } from '../helpers/node-with-sqlite.ts';
import { scratch } from '../helpers/scratch.ts';

const NODE = nodeWithSqlite();
const FIXTURE = join(import.meta.dirname, '../fixtures/full-disk.ts');
/** A file system of its own, in a namespace of its own: it takes no rights where the kernel lets users have them. */
const inSmallDisk = (directory: string, command: string): readonly string[] => [
  ...['-rm', 'sh', '-c', `mount -t tmpfs -o size=3m none "$1" && ${command}`, 'sh', directory],
];
const canMount = spawnSync('unshare', inSmallDisk(tmpdir(), 'true'), { stdio: 'ignore' }).status === 0;

test.skipIf(NODE === undefined || !canMount)(
  'a full disk refuses what is put, loses nothing that was answered, and lets work end (needs unshare -rm and SQLite)',
  () => {
    const args = [...inSmallDisk(scratch(), 'exec "$2" --no-warnings "$3" "$1"'), NODE ?? '', FIXTURE];
    expect(execFileSync('unshare', args, { encoding: 'utf8', timeout: 300_000 })).toBe('ok\n');
  },
  600_000,
);
