// A daemon of ours on a Procfile, with a state directory of its own, asked by the command line and by a warm client.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { environment } from './environment.js';
import { listenForMarks } from './marks.js';
import { nowNs, RunFailed } from './run-tool.js';

/**
 * @typedef {object} Daemon
 * @property {number} pid
 * @property {string} socket
 * @property {number} startMs  what `start -d` took
 * @property {(...args: string[]) => Promise<number>} cli  runs procsup, and says how many ms it took
 * @property {(verb: string, path: string, body?: unknown) => Promise<number>} ask  the same for a request
 * @property {(path: string) => () => void} follow  reads a stream and throws it away; ends by the function returned
 * @property {(kind: string, count: number) => Promise<import('./marks.js').Mark[]>} marked
 * @property {() => number} openGate  lets all writers begin; returns when
 */

/** @type {Set<() => void>} */
const living = new Set();
process.once('exit', () => living.forEach((end) => end()));

/**
 * @template T
 * @param {import('./bench.js').Bench} bench
 * @param {(child: import('./run-tool.js').Child) => Record<string, string>} commands
 * @param {(daemon: Daemon) => Promise<T>} body
 * @returns {Promise<T>} what the body returns, when the daemon has ended
 */
export async function withDaemon(bench, commands, body) {
  const { program } = bench.tools[0];
  const dir = bench.workshop.newRunDir();
  const env = prepare(dir);
  const child = (mode, index, ...rest) => [...bench.workshop.writer, dir, mode, index, ...rest].join(' ');
  const lines = Object.entries(commands(child)).map(([name, command]) => `${name}: ${command}\n`);
  writeFileSync(join(dir, 'Procfile'), lines.join(''));
  const marks = listenForMarks(join(dir, 'marks'));
  const end = () => spawnSync(program, ['down'], { cwd: dir, env, stdio: 'ignore', timeout: 20_000 });
  living.add(end);

  const before = nowNs();
  await run(program, ['start', '-d', '--wait', 'started', '--timeout', '1s'], { cwd: dir, env });
  const startMs = (nowNs() - before) / 1e6;
  const agent = new Agent({ keepAlive: true });
  const { pid, socket } = JSON.parse(
    spawnSync(program, ['ls', '--json'], { cwd: dir, env, encoding: 'utf8' }).stdout,
  )[0];
  let gate = -1;
  try {
    return await body({
      pid,
      socket,
      startMs,
      async cli(...args) {
        const began = nowNs();
        await run(program, args, { cwd: dir, env });
        return (nowNs() - began) / 1e6;
      },
      ask: (verb, path, body) => answered(agent, socket, verb, path, body),
      follow: (path) => {
        const asked = request({ socketPath: socket, path }, (response) => response.resume()).end();
        asked.on('error', () => undefined);
        return () => asked.destroy();
      },
      marked: marks.until,
      openGate() {
        gate = openSync(join(dir, 'gate'), 'r+');
        return nowNs();
      },
    });
  } finally {
    agent.destroy();
    if (gate >= 0) closeSync(gate);
    end();
    living.delete(end);
    marks.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function prepare(dir) {
  for (const name of ['state', 'run']) mkdirSync(join(dir, name), { mode: 0o700 });
  spawnSync('mkfifo', ['marks', 'gate'], { cwd: dir });
  return { ...environment(), XDG_STATE_HOME: join(dir, 'state'), XDG_RUNTIME_DIR: join(dir, 'run') };
}

/** Any program; its own failure is that of the figure. */
export function run(program, args, { cwd, env }) {
  const errors = join(cwd, 'errors');
  const fd = openSync(errors, 'w');
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'ignore', fd] });
    closeSync(fd);
    child.once('error', reject);
    child.once('exit', (status) =>
      status === 0
        ? resolve(undefined)
        : reject(new RunFailed(`${args.join(' ')}: ${status} ${readFileSync(errors, 'utf8').slice(0, 120)}`)),
    );
  });
}

function answered(agent, socketPath, method, path, body) {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = { 'content-length': Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const began = nowNs();
    const asked = request({ socketPath, method, path, agent, headers }, (response) => {
      response.resume().once('end', () => {
        if (response.statusCode === 200) resolve((nowNs() - began) / 1e6);
        else reject(new RunFailed(`${path}: ${response.statusCode}`));
      });
    });
    asked.once('error', (error) => reject(new RunFailed(`${path}: ${error.message}`)));
    asked.end(text);
  });
}
