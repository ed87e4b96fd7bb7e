// Runs the unit tests, and a smoke test of the package as it would be published, on each Node that we support other
// than the one that runs this. The npm package `node` brings the programs; they stay in a cache. One that cannot be had is named
// and left out.
//
//   node scripts/on-each-node.js [VERSION...]    default: those below
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TESTED = ['20.20.2', '22.23.3', '24.21.0', '26.10.0'];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'procsup-ci');
const QUIET = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];

const major = (version) => version.split('.')[0];
const given = process.argv.slice(2);
const versions =
  given.length > 0 ? given : TESTED.filter((each) => major(each) !== major(process.versions.node));

const directory = mkdtempSync(join(tmpdir(), 'procsup-nodes-'));
const outcomes = [];
try {
  const installed = installPackage(directory);
  for (const version of versions) {
    const node = nodeProgram(version);
    outcomes.push([version, node === undefined ? 'not to be had' : testOn(node, version, installed)]);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
for (const [version, outcome] of outcomes) console.log(`node ${version}: ${outcome}`);
process.exitCode = outcomes.some(([, outcome]) => outcome.includes('failed')) ? 1 : 0;

/** What `npm publish` would send, in a place of its own. Returns its directory. */
function installPackage(prefix) {
  if (!existsSync(join(root, 'dist/index.js'))) npm(root, 'run', '--silent', 'build');
  npm(root, 'pack', '--ignore-scripts', '--pack-destination', prefix);
  const tarball = readdirSync(prefix).find((name) => name.endsWith('.tgz'));
  npm(prefix, 'install', '--prefer-offline', '--prefix', prefix, join(prefix, tarball));
  return join(prefix, 'node_modules/procsup');
}

/** Undefined where it cannot be had. */
function nodeProgram(version) {
  const home = join(cache, `node-${version}`);
  const program = join(home, 'node_modules/node/bin/node');
  if (runs(program, version)) return program;
  mkdirSync(home, { recursive: true });
  try {
    npm(home, 'install', '--no-save', '--prefix', home, `node@${version}`);
  } catch {
    // npm has said why.
  }
  return runs(program, version) ? program : undefined;
}

function runs(program, version) {
  return spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout === `v${version}\n`;
}

function testOn(node, version, installed) {
  console.log(`\n== node ${version}`);
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
  const passes = (...words) => spawnSync(node, words, { cwd: root, env, stdio: 'inherit' }).status === 0;
  const units = passes('node_modules/vitest/vitest.mjs', 'run', '--project', 'unit');
  const smoke = passes('scripts/smoke.js', installed);
  return `unit tests ${units ? 'passed' : 'failed'}, smoke test ${smoke ? 'passed' : 'failed'}`;
}

function npm(cwd, ...words) {
  execFileSync('npm', [...words, ...QUIET], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}
