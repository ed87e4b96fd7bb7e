import { execFileSync, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { expect, test } from 'vitest';
import { scratch } from '../../helpers/scratch.ts';

/** A file system of its own, in a namespace of its own: it takes no rights where the kernel lets users have them. */
const inSmallDisk = (directory: string, command: string): readonly string[] => [
  ...['-rm', 'sh', '-c', `mount -t tmpfs -o size=3m none "$1" && ${command}`, 'sh', directory],
];
const canMount = spawnSync('unshare', inSmallDisk(tmpdir(), 'true'), { stdio: 'ignore' }).status === 0;

test.skipIf(!canMount)(
  'a full disk keeps nothing new, fails no run, and loses nothing (needs unshare -rm)',
  () => {
    const program = join(scratch(), 'full-cache.cjs');
    buildSync({
      entryPoints: [resolve(import.meta.dirname, '../../fixtures/full-cache.ts')],
      ...{ outfile: program, bundle: true, platform: 'node' },
    });
    const args = [...inSmallDisk(scratch(), 'exec "$2" "$3" "$1"'), process.execPath, program];
    expect(execFileSync('unshare', args, { encoding: 'utf8', timeout: 300_000 })).toBe('ok\n');
  },
);
