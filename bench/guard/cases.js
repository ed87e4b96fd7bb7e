// Works of a fixed size, which cost the same in every run.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment } from '../environment.js';

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {string[]} args
 * @property {Record<string, string>} files
 * @property {string[]} [before]  the arguments of a run that comes first and is not counted
 * @property {string[]} [after]
 */

const processes = (/** @type {number} */ count, command) =>
  Array.from({ length: count }, (_, at) => `p${at}: ${command}\n`).join('');

const tasks = (/** @type {number} */ count) =>
  JSON.stringify({
    tasks: Object.fromEntries(
      Array.from({ length: count }, (_, at) => [
        `t${at}`,
        { command: 'true', inputs: ['one.txt'], outputs: [], cache: true },
      ]),
    ),
  });

const LINE = 'x'.repeat(79);

/** Until a build has kept what it keeps for later runs. */
const WARM_RUNS = 3;

/** @type {Case[]} */
export const CASES = [
  { name: 'start: a: true', args: ['start'], files: { Procfile: 'a: true\n' } },
  {
    name: 'start: 20 processes that end',
    args: ['start', '--on-exit', 'keep'],
    files: { Procfile: processes(20, 'true') },
  },
  {
    name: 'start: 4 writers, 40 MB in blocks',
    args: ['start', '--on-exit', 'keep'],
    files: { Procfile: processes(4, `yes ${LINE} | head -c 10000000`) },
  },
  {
    name: 'start: 4 writers, 40,000 lines one by one',
    args: ['start', '--on-exit', 'keep'],
    files: {
      Procfile: processes(4, 'sh lines.sh'),
      'lines.sh': `i=0; while [ $i -lt 10000 ]; do echo ${LINE}; i=$((i+1)); done\n`,
    },
  },
  { name: 'check: 20 processes', args: ['check'], files: { Procfile: processes(20, 'true') } },
  {
    name: 'ps: 20 processes',
    args: ['ps'],
    files: { Procfile: processes(20, 'sleep 1000') },
    before: ['start', '-d'],
    after: ['down'],
  },
  {
    name: 'task: 20, all cached',
    args: ['task', '*'],
    files: { 'procsup.yaml': tasks(20), 'one.txt': 'one\n' },
    before: ['task', '*'],
  },
  { name: 'pipe: true | true', args: ['pipe', '/bin/true | /bin/true'], files: {} },
  {
    name: 'pool: 200 jobs',
    args: ['pool', '-j2', 'true', ':::', ...Array.from({ length: 200 }, (_, at) => String(at))],
    files: {},
  },
];

/**
 * @param {Case} one
 * @param {string} bin  of the build
 * @param {string} dir  an empty directory
 * @param {import('./counters.js').Counter} counter
 * @returns {Promise<number>}
 */
export async function countCase({ args, files, before, after }, bin, dir, { count }) {
  const cwd = join(dir, 'project');
  mkdirSync(cwd, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  // The build's own: two builds must not share a code cache, or the lock of a supervisor.
  const homes = Object.fromEntries(
    ['CACHE', 'STATE', 'RUNTIME'].map((kind) => [kind, join(dir, kind.toLowerCase())]),
  );
  for (const home of Object.values(homes)) mkdirSync(home, { recursive: true, mode: 0o700 });
  const env = {
    XDG_CACHE_HOME: homes.CACHE,
    XDG_STATE_HOME: homes.STATE,
    XDG_RUNTIME_DIR: homes.RUNTIME,
  };
  const aside = (args) => {
    if (args)
      spawnSync(process.execPath, [bin, ...args], {
        cwd,
        env: { ...environment(), ...env },
        stdio: 'ignore',
      });
  };
  aside(before);
  try {
    for (let run = 0; run < WARM_RUNS; run += 1) aside(args);
    return await count(bin, args, { cwd, env });
  } finally {
    aside(after);
  }
}
