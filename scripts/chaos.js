// Kills supervisors and guardians at random moments, and checks that nothing is left and nothing runs twice: see
// "Chaos" in docs/RELIABILITY.md. Linux only; flock and setsid of util-linux are needed.
//
//   node scripts/chaos.js [--rounds N] [--seed S] [--only KIND] [--jobs N]
//
// Round n has the seed S + n, and its kind by its number: `--seed S --rounds 1 --only KIND` repeats one, but for the
// moment at which the machine does what.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** In these shares, mixed. */
const SHARES = { supervisor: 4, both: 4, client: 4, guardian: 3, descriptors: 2, disk: 2, clock: 1 };
const MAY_TAKE_MS = 600_000;

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
    jobs: { type: 'string', default: '2' },
  },
});
const [rounds, seed, jobs] = [values.rounds, values.seed, values.jobs].map(Number);
const kinds = values.only === undefined ? mixed() : [values.only];
if (!kinds.every((kind) => kind in SHARES)) {
  console.error(`unknown kind '${values.only}'; there are ${Object.keys(SHARES).join(', ')}`);
  process.exit(2);
}
if (!existsSync(here('../dist/main.cjs')))
  spawnSync('npm', ['run', '--silent', 'build'], { cwd: here('..'), stdio: 'inherit' });

const mayMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
const base = realpathSync(mkdtempSync(join(tmpdir(), 'chaos-')));
const cache = join(base, 'cache');
mkdirSync(cache);
console.log(`${rounds} rounds with seed ${seed} in ${base}`);

const began = performance.now();
const failed = [];
let next = 0;
let isStopped = false;
process.on('SIGTERM', () => (isStopped = true));
process.on('SIGINT', () => (isStopped = true));
await Promise.all(Array.from({ length: jobs }, worker));

const seconds = Math.round((performance.now() - began) / 1000);
console.log(
  `${rounds} rounds in ${seconds}s: ${failed.length === 0 ? 'nothing left, nothing twice' : `${failed.length} failed`}`,
);
for (const { kind, seed: own } of failed)
  console.log(`  node scripts/chaos.js --rounds 1 --seed ${own} --only ${kind}`);
if (failed.length === 0) rmSync(base, { recursive: true });
process.exitCode = failed.length === 0 ? 0 : 1;

async function worker() {
  while (next < rounds && !isStopped) {
    const number = (next += 1);
    await play({ number, kind: kinds[(number - 1) % kinds.length], seed: seed + number - 1 });
  }
}

async function play({ number, kind, seed: own }) {
  const title = `round ${number} ${kind} seed ${own}`;
  if (kind === 'disk' && !mayMount)
    return console.log(`${title}: left out, no file system can be mounted here`);
  const root = join(base, `${number}-${kind}`);
  mkdirSync(root);
  const startedMs = performance.now();
  const { faults, remarks } = await outcomeOf(root, kind, own);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${title}: ${faults.length === 0 ? 'ok' : 'FAILED'} (${seconds}s; ${remarks.join('; ')})`);
  if (faults.length === 0) return rmSync(root, { recursive: true });
  for (const fault of faults) console.log(`  ${fault.trimEnd().replaceAll('\n', '\n    ')}`);
  console.log(`  kept: ${root}`);
  failed.push({ kind, seed: own });
}

/** A round is a process of its own: a disk is mounted in a namespace of its own. */
function outcomeOf(root, kind, own) {
  const words = [process.execPath, here('chaos/round.js'), root, kind, String(own)];
  const [program, ...args] = kind === 'disk' ? ['unshare', '-rm', ...words] : words;
  const env = { ...process.env, CHAOS_CACHE: cache };
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const end = () => child.kill('SIGTERM');
  const late = setTimeout(end, MAY_TAKE_MS);
  process.once('SIGTERM', end);
  let output = '';
  child.stdout.on('data', (bytes) => (output += bytes.toString()));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ faults: [String(error)], remarks: [] }));
    child.on('close', (status) => {
      clearTimeout(late);
      process.removeListener('SIGTERM', end);
      try {
        resolve(JSON.parse(output));
      } catch {
        resolve({ faults: [`the round ended with status ${status}: ${output}`], remarks: [] });
      }
    });
  });
}

/** Each kind in its share, spread over the rounds. */
function mixed() {
  const left = { ...SHARES };
  const order = [];
  while (Object.values(left).some((count) => count > 0)) {
    for (const kind of Object.keys(left)) if ((left[kind] -= 1) >= 0) order.push(kind);
  }
  return order;
}
