import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFifoDirectory, removeOrphanedFifos } from '../../../src/os/pipes/fifo-directory.ts';
import { scratch } from '../../helpers/scratch.ts';

function directoryNamed(name: string): string {
  const directory = join(scratch(), name);
  mkdirSync(directory, { mode: 0o700 });
  return directory;
}

describe('the directory of a supervisor that was killed', () => {
  test('is removed with its FIFOs', () => {
    const { path } = makeFifoDirectory();
    execFileSync('mkfifo', [join(path, '1'), join(path, '12')]);
    removeOrphanedFifos(path);
    expect(existsSync(path)).toBe(false);
    removeOrphanedFifos(path);
  });

  test('keeps what is no FIFO of ours', () => {
    const directory = directoryNamed('procsup-Ab3dE9');
    writeFileSync(join(directory, '1'), 'precious');
    execFileSync('mkfifo', [join(directory, 'theirs'), join(directory, '2')]);
    removeOrphanedFifos(directory);
    expect(readdirSync(directory).sort()).toEqual(['1', 'theirs']);
  });

  test.each(['home', 'procsup-state', 'my-procsup-Ab3dE9'])('is not one that is named %s', (name) => {
    const directory = directoryNamed(name);
    execFileSync('mkfifo', [join(directory, '1')]);
    removeOrphanedFifos(directory);
    expect(readdirSync(directory)).toEqual(['1']);
  });

  test('is not behind a link', () => {
    const directory = directoryNamed('elsewhere');
    execFileSync('mkfifo', [join(directory, '1')]);
    const link = join(scratch(), 'procsup-Ab3dE9');
    symlinkSync(directory, link);
    removeOrphanedFifos(link);
    expect(readdirSync(directory)).toEqual(['1']);
  });
});
