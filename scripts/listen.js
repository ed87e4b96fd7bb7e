// Restarts of real servers that take a socket of `listen`, under load: 100 requests a second, each with a connection of its own,
// while each server is restarted over and over. Tells how many were refused, lost (accepted and not answered) and answered late.
// By hand, after `npm run build`, on Linux: node scripts/listen.js [--rounds N] [--only NAME,...]. What is not in PATH is left out.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SERVERS } from './listen/servers.js';

const PROCSUP = join(dirname(fileURLToPath(import.meta.url)), '..', 'bin', 'procsup.js');
const EVERY_MS = 10;
const LATE_MS = 250;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, only: { type: 'string', default: '' } },
});
const rounds = Number(values.rounds);
const only = values.only.split(',').filter(Boolean);

let failed = false;
console.log(`${'server'.padEnd(30)} asked refused lost late`);
for (const server of SERVERS) {
  if (only.length > 0 && !only.includes(server.name)) continue;
  const version = versionOf(server);
  const label = server.name.padEnd(12);
  if (version === undefined) {
    console.log(`${label} is not here`);
    continue;
  }
  try {
    const { asked, refused, lost, late, kinds } = await underLoad(server);
    failed ||= refused > 0;
    const figures = [asked, refused, lost, late].map((count) => String(count).padStart(5)).join(' ');
    console.log(`${label} ${version.slice(0, 17).padEnd(17)} ${figures} ${kinds}`);
  } catch (error) {
    failed = true;
    console.log(`${label} ${version}: ${error.message}`);
  }
}
process.exitCode = failed ? 1 : 0;

function versionOf({ version: [program, ...words] }) {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  return status === 0 ? /\d+\.\d+(?:\.\d+)?/.exec(stdout + stderr)?.[0] : undefined;
}

async function underLoad(server) {
  const root = mkdtempSync(join(tmpdir(), 'procsup-listen-'));
  const run = (...words) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROCSUP, ...words], {
      ...{ cwd: root, encoding: 'utf8' },
      env: { ...process.env, XDG_STATE_HOME: join(root, 'state') },
    });
    if (status !== 0) throw new Error(`procsup ${words.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  };
  try {
    for (const [path, text] of Object.entries(server.files ?? {})) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text.replaceAll('{root}', root));
    }
    server.prepare?.(root);
    const { command, keys = '', listen = '127.0.0.1:0' } = server;
    const entry = `    command: ${command.replaceAll('{root}', root)}\n    listen: ${listen}\n    ready: { http: / }\n${keys}`;
    writeFileSync(join(root, 'procsup.yaml'), `processes:\n  web:\n${entry}`);
    run('start', '-d');
    const [{ port }] = JSON.parse(run('ps', '--json'));
    const end = load(port);
    for (let round = 0; round < rounds; round += 1) {
      await restart(root);
      await sleep(100);
    }
    return await end();
  } finally {
    spawnSync(process.execPath, [PROCSUP, 'down'], {
      ...{ cwd: root, env: { ...process.env, XDG_STATE_HOME: join(root, 'state') } },
    });
    rmSync(root, { recursive: true, force: true });
  }
}

/** Without blocking those who ask. */
async function restart(root) {
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, [PROCSUP, 'restart', 'web'], {
    ...{ cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
    env: { ...process.env, XDG_STATE_HOME: join(root, 'state') },
  });
  const status = await new Promise((resolve) => child.once('exit', resolve));
  if (status !== 0) throw new Error(`a restart ended with ${status}`);
}

function load(port) {
  const outcomes = [];
  const timer = setInterval(() => outcomes.push(ask(port)), EVERY_MS);
  return async () => {
    clearInterval(timer);
    const all = await Promise.all(outcomes);
    const errors = all.flatMap(({ error }) => (error === undefined ? [] : [error]));
    const refused = errors.filter((error) => error === 'ECONNREFUSED').length;
    const kinds = [...new Set(errors)].map(
      (kind) => `${kind}: ${errors.filter((error) => error === kind).length}`,
    );
    const late = all.filter(({ error, ms }) => error === undefined && ms > LATE_MS).length;
    return { asked: all.length, refused, lost: errors.length - refused, late, kinds: kinds.join(', ') };
  };
}

/** `empty`: closed without an answer. ECONNRESET: closed with a request that was not read. */
function ask(port) {
  const from = performance.now();
  return new Promise((resolve) => {
    const end = (error) => resolve({ error, ms: performance.now() - from });
    const request = get({ host: '127.0.0.1', port, path: '/', agent: false }, (response) => {
      response.resume();
      response.on('end', () => end(response.statusCode < 500 ? undefined : `status ${response.statusCode}`));
      response.on('error', (error) => end(error.code));
    });
    request.on('error', (error) => end(error.message === 'socket hang up' ? 'empty' : error.code));
  });
}
