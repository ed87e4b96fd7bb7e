// beanstalkd and Redis, each on a free port of the loopback, with its data in a folder of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { environment } from '../environment.js';
import { RunFailed } from '../run-tool.js';

/**
 * What is kept: nothing; what survives the end of the server, as its users have it by default; or what is on the disk before
 * the answer, which is what procsup does.
 * @typedef {'memory' | 'kept' | 'synced'} Keeping
 */

/** @typedef {(port: number, dir: string) => string[]} Words */

/** @param {string} program @param {Keeping} keeping @returns {Words} */
export const beanstalkd = (program, keeping) => (port, dir) => [
  ...[program, '-l', '127.0.0.1', '-p', `${port}`],
  ...(keeping === 'memory' ? [] : ['-b', dir]),
  ...(keeping === 'synced' ? ['-f', '0'] : []),
];

/** @param {string} program @param {Keeping} keeping @returns {Words} */
export const redis = (program, keeping) => (port, dir) => [
  ...[program, '--bind', '127.0.0.1', '--port', `${port}`, '--dir', dir, '--save', ''],
  ...['--maxmemory-policy', 'noeviction', '--appendonly', keeping === 'memory' ? 'no' : 'yes'],
  ...['--appendfsync', keeping === 'synced' ? 'always' : 'everysec'],
];

const START_MS = 30_000;
const LOOK_MS = 20;

/** @type {Set<import('node:child_process').ChildProcess>} */
const living = new Set();
process.once('exit', () => living.forEach((child) => child.kill('SIGKILL')));

/**
 * @template T
 * @param {import('../bench.js').Bench} bench
 * @param {Words} words
 * @param {(port: number) => Promise<T>} body
 * @returns {Promise<T>} what the body returns, when the server has ended
 */
export async function withServer(bench, words, body) {
  const dir = bench.workshop.newRunDir();
  const port = await freePort();
  const [program = '', ...args] = words(port, dir);
  const child = spawn(program, args, { cwd: dir, env: environment(), stdio: 'ignore' });
  const ended = once(child, 'exit').catch(() => undefined);
  living.add(child);
  try {
    await untilListening(child, port);
    return await body(port);
  } finally {
    child.kill('SIGKILL');
    await ended;
    living.delete(child);
    rmSync(dir, { recursive: true, force: true });
  }
}

async function untilListening(child, port) {
  const deadline = performance.now() + START_MS;
  while (!(await isListening(port))) {
    const isOver = child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
    if (isOver) throw new RunFailed('the server ended before it listened');
    if (performance.now() > deadline) throw new RunFailed(`did not listen within ${START_MS / 1000} s`);
    await sleep(LOOK_MS);
  }
}

/** @returns {Promise<boolean>} */
function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}
