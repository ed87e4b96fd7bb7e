/** A kernel pipe with both ends in this process, for what has to be tried on the real thing. */
import { execFileSync } from 'node:child_process';
import { constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface KernelPipe {
  /** Non-blocking. */
  readonly readFd: number;
  /** Blocking. */
  readonly writeFd: number;
}

export function makePipe(): KernelPipe {
  const directory = mkdtempSync(join(tmpdir(), 'procsup-pipe-'));
  const path = join(directory, 'pipe');
  execFileSync('mkfifo', [path]);
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeFd = openSync(path, constants.O_WRONLY);
  rmSync(directory, { recursive: true });
  return { readFd, writeFd };
}
