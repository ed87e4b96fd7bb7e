/** Programs with whole trees of processes, as roots for a sampler: each leads a session of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { inTime } from './eventually.ts';

/** For a shell line: see tests/fixtures/burner.mjs. */
export const BURNER = `${process.execPath} ${resolve(import.meta.dirname, '../fixtures/burner.mjs')}`;

export interface Root {
  readonly pid: number;
  /** The words that its programs say one by one, with who says it. */
  says(word: string): Promise<Said>;
  /** Gives its standard input a line. */
  tell(line: string): void;
  /** Ends its whole process group; resolves when the root is gone. */
  end(): Promise<void>;
}

export interface Said {
  readonly pid: number;
  readonly cpuMs: number;
}

/** Runs a shell line. A line that is no word of a burner counts as one without CPU time. */
export function plant(line: string): Root {
  const child = spawn('/bin/sh', ['-c', line], { detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
  const pid = child.pid ?? 0;
  const ended = once(child, 'exit');
  const heard: (readonly [string, Said])[] = [];
  let wake = (): void => undefined;
  createInterface({ input: child.stdout }).on('line', (text) => {
    const [word, sayer, cpuMs] = text.startsWith('[')
      ? (JSON.parse(text) as [string, number, number])
      : [text, pid, 0];
    heard.push([word, { pid: sayer, cpuMs }]);
    wake();
  });
  const end = async (): Promise<void> => {
    kill(-pid);
    await inTime(ended, `the end of ${line}`);
  };
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) await end();
    else kill(-pid);
  });
  child.stdin.on('error', () => undefined);
  const hear = async (word: string): Promise<Said> => {
    for (;;) {
      const index = heard.findIndex(([each]) => each === word);
      const found = heard[index];
      if (found !== undefined) {
        heard.splice(index, 1);
        return found[1];
      }
      await new Promise<void>((resolveWake) => {
        wake = resolveWake;
      });
    }
  };
  return {
    pid,
    says: (word) => inTime(hear(word), `${line} says ${word}`),
    tell: (text) => void child.stdin.write(`${text}\n`),
    end,
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
