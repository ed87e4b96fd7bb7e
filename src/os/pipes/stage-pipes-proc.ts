/**
 * Anonymous pipes without native code, on Linux: a helper shell starts a pipeline of its own, and its pipes are opened
 * a second time through /proc/PID/fd. That gives new descriptions, of which we choose direction and flags; the
 * helper's members neither read nor write there and are gone before the pipes are used.
 */
import { spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { closePipes, type MakeStagePipes, type StagePipe } from './stage-spawn.ts';

/**
 * Each member says its pid (a subshell's `$$` is its parent's) and waits for the end of fd 3, which is our doing. Its pipe
 * is put where no redirection moves it, not even for the moment of an `echo`.
 */
const MEMBER = 'member() { exec 5>&1 >&4; read pid rest < /proc/self/stat; echo "$pid"; read rest <&3; }';

export function createProcPipes(): MakeStagePipes {
  return async (count) => {
    const helper = startHelper(count);
    const made: StagePipe[] = [];
    try {
      for (const pid of await helper.pids) made.push(openPipe(pid));
      return made;
    } catch (error) {
      closePipes(made);
      throw error;
    } finally {
      await helper.end();
    }
  };
}

interface Helper {
  /** Of members whose stdout is a pipe each. Rejects when there are not as many as wanted. */
  readonly pids: Promise<readonly number[]>;
  end(): Promise<void>;
}

function startHelper(count: number): Helper {
  const members = Array.from({ length: count }, () => 'member').join(' | ');
  const script = `${MEMBER}; exec 3<&0 4>&1; ${members} | :`;
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'], cwd: '/', env: {} });
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  child.stdin.on('error', () => undefined);

  const pids = new Promise<readonly number[]>((resolve, reject) => {
    let told = '';
    child.once('error', reject);
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      told += text;
      const lines = told.split('\n').slice(0, -1);
      if (lines.length === count) resolve(lines.map(Number));
    });
    child.stdout.once('end', () => reject(new Error('the helper shell made no pipes')));
  });
  // The first of these events is enough.
  pids.catch(() => undefined);

  return {
    pids,
    async end() {
      child.stdin.end();
      await gone;
      child.stdout.destroy();
    },
  };
}

function openPipe(pid: number): StagePipe {
  const path = `/proc/${pid}/fd/5`;
  const read = openSync(path, constants.O_RDONLY);
  try {
    return { read, write: openSync(path, constants.O_WRONLY) };
  } catch (error) {
    closeSync(read);
    throw error;
  }
}
