// What a run of procsup costs, told as exactly as this machine can.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment } from '../environment.js';

/**
 * @typedef {object} Counter
 * @property {string} unit
 * @property {number} rounds  how many runs make a figure
 * @property {(bin: string, args: string[], place: { cwd: string, env?: object }) => Promise<number>} count
 */

const LIMIT_MS = 300_000;

/** @returns {Promise<Counter>} the most exact one that works here */
export async function chooseCounter() {
  if (
    spawnSync('perf', ['stat', '-x,', '-e', 'instructions:u', 'true'], { encoding: 'utf8' }).stderr?.match(
      /^\d/m,
    )
  )
    return { unit: 'million instructions', rounds: 5, count: withPerf };
  if (spawnSync('valgrind', ['--version']).status === 0)
    return { unit: 'million instructions of the supervisor itself', rounds: 1, count: withCallgrind };
  return { unit: 'ms of CPU', rounds: 15, count: cpuTime };
}

/** With all that it starts. */
async function withPerf(bin, args, place) {
  const told = await run(
    'perf',
    ['stat', '-x,', '-e', 'instructions:u', process.execPath, bin, ...args],
    place,
  );
  return Number(/^(\d+),/m.exec(told)?.[1]) / 1e6;
}

/** Of what V8 compiles as well, which writes its code anew: hence the check of all code that is in no file. */
async function withCallgrind(bin, args, place) {
  const tool = ['--tool=callgrind', '--callgrind-out-file=/dev/null', '--smc-check=all-non-file'];
  let pid;
  const told = await run(
    'valgrind',
    [...tool, process.execPath, bin, ...args],
    place,
    (found) => (pid = found),
  );
  return Number(new RegExp(`^==${pid}== Collected : (\\d+)`, 'm').exec(told)?.[1]) / 1e6;
}

async function cpuTime(bin, args, place) {
  // The shell's own word on what its children took, with theirs: getrusage(2) is not in reach of a script of ours.
  const told = await run(
    'sh',
    ['-c', '"$@" >/dev/null; times >&2', 'sh', process.execPath, bin, ...args],
    place,
  );
  const [user = '', system = ''] = told.trim().split('\n').at(-1)?.split(' ') ?? [];
  return (secondsOf(user) + secondsOf(system)) * 1e3;
}

const secondsOf = (/** @type {string} */ text) => {
  const [, minutes = 0, seconds = NaN] = /(\d+)m([\d.]+)s/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(seconds);
};

/** @returns {Promise<string>} what it said on stderr, which goes to a file: a pipe could be held open by what outlives it */
async function run(program, args, { cwd, env }, heard = (/** @type {number} */ _pid) => {}) {
  const dir = mkdtempSync(join(tmpdir(), 'procsup-guard-'));
  const file = join(dir, 'stderr');
  const out = openSync(file, 'w');
  const child = spawn(program, args, {
    cwd,
    env: { ...environment(), ...env },
    stdio: ['ignore', 'ignore', out],
  });
  closeSync(out);
  if (child.pid !== undefined) heard(child.pid);
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  try {
    const [status, signal] = await once(child, 'exit');
    const told = readFileSync(file, 'utf8');
    if (status !== 0)
      throw new Error(`${args.at(-1)}: status ${signal ?? status}: ${told.trim().slice(-400)}`);
    return told;
  } finally {
    clearTimeout(timer);
    rmSync(dir, { recursive: true, force: true });
  }
}
