// node bench/sampling.js: what it costs to measure process trees. `sleep` programs are started as roots, sampled by both
// samplers, and ended by pid.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { buildSync } from 'esbuild';

const COUNTS = [10, 100, 1000];
const SAMPLES = 30;
const LOOP_COUNT = 100;
const LOOP_SECONDS = 20;

const { createProcSampler } = load('os/proc/sampler.ts');
const { createPidusageSampler } = load('os/proc/pidusage-sampler.ts');
const { createStatsLoop } = load('runtime/stats-loop.ts');
const { systemClock } = load('os/clock.ts');

const SAMPLERS = { '/proc': createProcSampler, pidusage: createPidusageSampler };

/** @type {import('node:child_process').ChildProcess[]} */
const sleepers = [];
process.once('exit', () => sleepers.forEach((sleeper) => sleeper.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));

console.log('ms per sample, median of %d', SAMPLES);
for (const count of COUNTS) {
  await startSleepers(count);
  for (const [name, create] of Object.entries(SAMPLERS)) {
    console.log(
      '%s processes  %s  %s',
      String(count).padStart(5),
      name.padEnd(8),
      await msPerSample(create()),
    );
  }
  if (count === LOOP_COUNT) {
    for (const [name, create] of Object.entries(SAMPLERS)) {
      console.log(
        '%s processes  %s  %s % of a core at 1/s',
        count,
        name.padEnd(8),
        await percentOfLoop(create()),
      );
    }
  }
}
process.exit(0);

/** One of our modules, compiled for now. */
function load(module) {
  const directory = mkdtempSync(join(tmpdir(), 'procsup-bench-'));
  const outfile = join(directory, 'module.cjs');
  const entry = resolve(import.meta.dirname, '../src', module);
  buildSync({ entryPoints: [entry], outfile, bundle: true, platform: 'node' });
  const loaded = createRequire(import.meta.url)(outfile);
  rmSync(directory, { recursive: true });
  return loaded;
}

async function startSleepers(count) {
  while (sleepers.length < count) {
    const sleeper = spawn('sleep', ['1000000'], { detached: true, stdio: 'ignore' });
    sleepers.push(sleeper);
    await once(sleeper, 'spawn');
  }
}

async function msPerSample(sampler) {
  const roots = sleepers.map(({ pid }) => pid);
  const times = [];
  for (let sample = -3; sample < SAMPLES; sample += 1) {
    const before = process.hrtime.bigint();
    const { size } = await sampler.sample(roots);
    if (size !== roots.length) throw new Error(`${size} readings of ${roots.length}`);
    if (sample >= 0) times.push(Number(process.hrtime.bigint() - before) / 1e6);
  }
  sampler.close();
  return times.sort((one, other) => one - other)[SAMPLES / 2].toFixed(2);
}

/** Of a whole stats loop; the processes that a sampler starts count with it. */
async function percentOfLoop(sampler) {
  const roots = new Map(sleepers.map(({ pid }, index) => [`web.${index + 1}`, { pid, startedAtMs: 0 }]));
  const loop = createStatsLoop({ sampler, clock: systemClock, roots: () => roots });
  loop.watch(() => undefined);
  await pause(2000);
  const before = usedMs();
  await pause(LOOP_SECONDS * 1000);
  const percent = (usedMs() - before) / (LOOP_SECONDS * 10);
  loop.close();
  sampler.close();
  return percent.toFixed(2);
}

function usedMs() {
  const { user, system } = process.cpuUsage();
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const [reapedUser, reapedSystem] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(13, 15);
  return (user + system) / 1000 + (Number(reapedUser) + Number(reapedSystem)) * 10;
}
