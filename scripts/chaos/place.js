/** Where a round happens: a project, with directories of its own for everything that procsup keeps. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROCSUP = fileURLToPath(new URL('../../bin/procsup.js', import.meta.url));
const CLOCK = fileURLToPath(new URL('clock.cjs', import.meta.url));

/** Of what hangs. A round waits for events, and this is how long for each. */
export const LIMIT_MS = 60_000;
const DISK_BYTES = 6 * 1024 * 1024;
/** What a project keeps when nothing runs. */
const MAY_STAY = /^state\/procsup\/[^/]+\/(daemon\.log(\.1)?|logs\/[\w.@-]+)$/;

/** `onDisk`: the directories that are on a small file system: none, `state`, or all of them. */
export function makePlace(root, { kind, onDisk = [] }) {
  const directories = ['state', 'run', 'tmp', 'home', 'locks'];
  for (const name of directories) mkdirSync(join(root, name), { recursive: true, mode: 0o700 });
  for (const name of onDisk) mountAt(join(root, name));
  const env = {
    // Its programs listen on no port.
    PROCSUP_WAIT: 'started',
    PATH: process.env.PATH,
    HOME: join(root, 'home'),
    TMPDIR: join(root, 'tmp'),
    XDG_STATE_HOME: join(root, 'state'),
    XDG_RUNTIME_DIR: join(root, 'run'),
    XDG_CACHE_HOME: process.env.CHAOS_CACHE ?? join(root, 'home'),
    CHAOS_ROOT: root,
    ...(kind === 'clock' ? { NODE_OPTIONS: `--require=${CLOCK}`, CHAOS_CLOCK: join(root, 'clock') } : {}),
  };
  const begun = [];

  /** A command of procsup; `limit`: of descriptors; `apart`: in another time namespace. */
  function begin(words, { limit = null, apart = false } = {}) {
    let line = [PROCSUP, ...words];
    if (limit !== null) line = ['/bin/sh', '-c', `ulimit -n ${limit}; exec "$0" "$@"`, ...line];
    if (apart) line = ['unshare', '--time', '--boottime', '100000', '--monotonic', '100000', ...line];
    const child = spawn(line[0], line.slice(1), {
      cwd: root,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const command = { words, pid: child.pid, stdout: '', stderr: '', onLine: () => undefined };
    child.stdout.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      command.stdout = (command.stdout + text).slice(-100_000);
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) command.onLine();
    });
    child.stderr.on('data', (bytes) => (command.stderr = (command.stderr + bytes.toString()).slice(-20_000)));
    command.ended = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status, signal) =>
        resolve({ words, status, signal, stdout: command.stdout, stderr: command.stderr }),
      );
    });
    command.ended.catch(() => undefined);
    command.ended.then((ended) => (command.result = ended));
    begun.push(command);
    return command;
  }

  return {
    root,
    begin,
    /** All that were begun; those that have not ended have no `result`. */
    begun,
    run: (...words) => endOf(begin(words)),
    write: (name, text) => writeFileSync(join(root, name), text),
    /** The pid in the lock file, which may be of a dead one. */
    supervisor() {
      try {
        const base = join(root, 'state/procsup');
        const [lock] = readdirSync(base)
          .map((key) => join(base, key, 'holder'))
          .filter(existsSync);
        return JSON.parse(readFileSync(lock, 'utf8')).identity.pid;
      } catch {
        return undefined;
      }
    },
    /** On disk, but logs. */
    leftFiles: () =>
      ['state', 'run', 'tmp']
        .flatMap((name) => filesBelow(root, name))
        .filter((path) => !MAY_STAY.test(path)),
  };
}

/** Resolves with how it ended; a command that hangs is a fault. */
export function endOf(command) {
  const late = rest(LIMIT_MS, undefined, { ref: false }).then(() => {
    throw new Error(
      `'procsup ${command.words.join(' ')}' hangs: ${command.stdout.slice(-2000)}${command.stderr}`,
    );
  });
  return Promise.race([command.ended, late]);
}

/** Whether it became so in time. */
export async function becomes(isSo, limitMs = LIMIT_MS) {
  const deadline = performance.now() + limitMs;
  for (;;) {
    if (isSo()) return true;
    if (performance.now() > deadline) return false;
    await rest(30);
  }
}

export async function freePort(random) {
  for (;;) {
    const port = random.between(20_000, 32_000);
    const server = createServer();
    const isFree = await new Promise((resolve) => {
      server.on('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    await new Promise((resolve) => server.close(resolve));
    if (isFree) return port;
  }
}

/** Directories but `procsup` and those of projects are listed too: one that is left in TMPDIR is a fault. */
function filesBelow(root, path) {
  return readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) => {
    const below = join(path, entry.name);
    if (!entry.isDirectory()) return [below];
    return path === 'tmp' ? [below, ...filesBelow(root, below)] : filesBelow(root, below);
  });
}

/** In a mount namespace of our own (`unshare -m`, see chaos.js): nobody else sees it. */
function mountAt(directory) {
  const options = ['-t', 'tmpfs', '-o', `size=${DISK_BYTES},mode=700`, 'none', directory];
  const { status, stderr } = spawnSync('mount', options, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`cannot mount a file system: ${stderr}`);
}
