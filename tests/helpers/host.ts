/** A program around one of our modules, for what can only be seen when the process that uses it dies. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';
import { onTestFinished } from 'vitest';
import { inTime } from './eventually.ts';
import { scratch } from './scratch.ts';

export interface Host {
  readonly pid: number;
  /** Runs JavaScript in it, in which `it` is the module; resolves with what the expression becomes. */
  readonly does: (expression: string) => Promise<unknown>;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<void>;
}

const LOOP = `
const it = require('./module.cjs');
require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) => {
  console.log(JSON.stringify({ value: (await eval(line)) ?? null }));
});`;

/** `module`: its path below src. `prelude`: shell code that runs before it. */
export function host(module: string, prelude = ''): Host {
  const root = scratch();
  buildSync({
    entryPoints: [resolve(import.meta.dirname, '../../src', module)],
    outfile: join(root, 'module.cjs'),
    bundle: true,
    platform: 'node',
  });
  writeFileSync(join(root, 'main.cjs'), LOOP);
  const script = `${prelude}exec "$0" main.cjs`;
  const child = spawn('/bin/sh', ['-c', script, process.execPath], { cwd: root, stdio: 'pipe' });
  let complaints = '';
  child.stderr.on('data', (bytes: Buffer) => (complaints += bytes.toString()));
  child.stdin.on('error', () => undefined);
  onTestFinished(() => void child.kill('SIGKILL'));
  const answers: ((value: unknown) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    answers.shift()?.((JSON.parse(line) as { value: unknown }).value);
  });
  const ended = new Promise<void>((resolveEnd) => child.once('exit', () => resolveEnd()));
  return {
    pid: child.pid ?? 0,
    does(expression) {
      child.stdin.write(`${expression.replaceAll('\n', ' ')}\n`);
      const answer = new Promise((resolveAnswer, reject) => {
        answers.push(resolveAnswer);
        void ended.then(() => reject(new Error(`it has ended instead of doing ${expression}`)));
      });
      return inTime(answer, expression, () => complaints);
    },
    kill: (signal) => void child.kill(signal),
    ended,
  };
}
