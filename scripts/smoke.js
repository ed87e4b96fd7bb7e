// Uses the package at the given directory as users do, by the Node that runs this, and wants every stderr to be empty:
// a newer Node speaks up there first.
//
//   node scripts/smoke.js DIRECTORY
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';

const [installed] = process.argv.slice(2);
if (installed === undefined) throw new Error('usage: node scripts/smoke.js DIRECTORY');
const PACKAGE = resolve(installed);
const PROCSUP = join(PACKAGE, 'bin/procsup.js');
const LIBRARY = join(PACKAGE, 'dist/index.js');
const MANIFEST = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
/** It hangs. */
const HANGS_MS = 300_000;

const directory = mkdtempSync(join(tmpdir(), 'procsup-smoke-'));
const runtime = join(directory, 'run');
mkdirSync(runtime, { mode: 0o700 });
const env = {
  PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
  HOME: directory,
  XDG_RUNTIME_DIR: runtime,
};
const files = {
  Procfile: 'app: echo listening; exec sleep infinity\n',
  'ends.procfile': 'a: echo one\nb: echo two\n',
  'pipe.mjs': `import { pipe } from '${LIBRARY}';
    const { stdout, status } = await pipe(['printf', 'b\\\\na\\\\n'], ['sort']);
    console.log(status, JSON.stringify(stdout.toString()));`,
  'pipe.cjs': `const { pipe } = require('${LIBRARY}');
    pipe(['printf', 'b\\\\na\\\\n'], ['sort']).then(({ stdout, status }) =>
      console.log(status, JSON.stringify(stdout.toString())));`,
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);

const SORTED = /^0 "a\\nb\\n"\n$/;
/** Words, what stdout has, what stderr is. Each twice, for the second time V8 takes what the first one has compiled. */
const CASES = [
  [[PROCSUP, '--version'], new RegExp(`${MANIFEST.version.replaceAll('.', '\\.')}\\n$`)],
  [[PROCSUP, 'check'], /^$/, 'Valid procfile detected (app)\n'],
  [[PROCSUP, 'start', '-f', 'ends.procfile', '--on-exit', 'keep'], /a\.1 +\| one\n[^]*exited with status 0/],
  [[PROCSUP, 'run', 'echo', 'it', 'runs'], /^it runs\n$/],
  [[PROCSUP, 'pipe', 'printf "b\\na\\n" | sort'], /^a\nb\n$/],
  [['pipe.mjs'], SORTED],
  [['pipe.cjs'], SORTED],
  [
    [PROCSUP, 'start', '-d'],
    /^app\.1 started \(pid \d+\)\nprocsup is running in the background \(pid \d+\)\n$/,
  ],
  [[PROCSUP, 'ps'], /app\.1 .*running/],
  [[PROCSUP, 'wait', 'app', '--for', 'running'], /app\.1 is running/],
  [[PROCSUP, 'restart', 'app'], /^app\.1 restarted \(\d+ -> \d+\)\n$/],
  [[PROCSUP, 'logs', '--no-prefix', 'app'], /^(listening\n)+$/],
  [[PROCSUP, 'down'], /stopped/],
];

let failed = 0;
try {
  for (let round = 1; round <= 2; round += 1) for (const one of CASES) check(...one);
} finally {
  spawnSync(process.execPath, [PROCSUP, 'down'], { cwd: directory, env, stdio: 'ignore' });
  rmSync(directory, { recursive: true, force: true });
}
console.log(
  `smoke test on node ${process.versions.node}: ${2 * CASES.length - failed} passed, ${failed} failed`,
);
process.exitCode = failed === 0 ? 0 : 1;

function check(words, wanted, diagnostics = '') {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, words, {
    cwd: directory,
    env,
    encoding: 'utf8',
    timeout: HANGS_MS,
  });
  try {
    assert.deepEqual({ status, signal, stderr }, { status: 0, signal: null, stderr: diagnostics });
    assert.match(stdout, wanted);
  } catch (error) {
    failed += 1;
    console.error(`${words.join(' ')}\n${error.message}\n`);
  }
}
