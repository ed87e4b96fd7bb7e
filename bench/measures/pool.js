// Pools: how many jobs of `true` a second, what the tool itself costs for each, how fast tagged output gets through, how
// long one job takes from start to end, and what a million values cost that wait. Then the pools of libraries.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inTurn, toolsFor } from '../bench.js';
import { environment } from '../environment.js';
import { figure, notesOn } from '../figures.js';
import { cpuSecondsOfLiving, peakMegabytes } from '../proc.js';
import { nowNs, RunFailed } from '../run-tool.js';
import { OURS } from '../tools.js';
import { poolLibrary } from './pool-library.js';

const PARALLEL = 'parallel';
const SLOTS = 2;
const SHORT_JOBS = 2_000;
const COUNTED_JOBS = 10_000;
const MANY_VALUES = 1_000_000;
const TAGGED_JOBS = 4;
const TAGGED_BYTES = 50_000_000;
const LINE = `${'x'.repeat(79)}\n`;
const LOOK_MS = 20;
const LIMIT_MS = 120_000;
/** Far more than it takes to read what is to be had. */
const QUEUED_MS = 3_000;
/** These runs are short: more of them. */
const STARTS_PER_ROUND = 4;

/** @param {import('../bench.js').Bench} bench */
export async function pool(bench) {
  const tools = toolsFor(bench, 'pool').filter((tool) => tool.pool);
  const ours = tools.filter(({ name }) => name === OURS);
  const file = await taggedFile(bench);
  const size = bench.quick ? 0.1 : 1;
  const measured = {
    jobs: await inTurn(bench, { title: 'jobs of true', tools }, (tool) => jobsOf(tool, SHORT_JOBS * size)),
    tagged: await inTurn(bench, { title: 'tagged output', tools: tools.filter(({ tags }) => tags) }, (tool) =>
      tagged(tool, file),
    ),
    start: await inTurn(
      bench,
      { title: 'one job', tools, rounds: bench.quick ? 3 : bench.rounds * STARTS_PER_ROUND },
      oneJob,
    ),
    cost: await inTurn(bench, { title: 'own CPU', tools }, (tool) => costOf(tool, COUNTED_JOBS * size)),
    memory: await inTurn(bench, { title: 'values that wait', tools: ours }, memoryOf),
  };
  const library = await poolLibrary(bench);
  const row = (section, better, label, key, from) =>
    figure({ section, label, better, against: PARALLEL }, measured[from], key);
  return {
    figures: [
      row('Jobs of a pool, 1/s', 'more', `${SHORT_JOBS * size} × \`true\`, ${SLOTS} at once`, 'rate', 'jobs'),
      row(
        'Tagged output of a pool, MB/s',
        'more',
        `${TAGGED_JOBS} × 50 MB of lines, to a pipe`,
        'rate',
        'tagged',
      ),
      row('A pool of one job, ms', 'less', 'from start to end', 'whole', 'start'),
      row(
        'CPU of the tool itself, ms for each job',
        'less',
        `${COUNTED_JOBS * size} × \`true\``,
        'each',
        'cost',
      ),
      row('Peak memory of a pool, MB', 'none', '1 value', 'one', 'memory'),
      row('Peak memory of a pool, MB', 'none', '1,000,000 values that wait', 'many', 'memory'),
      ...library.figures,
    ],
    notes: [
      ...Object.entries(measured).flatMap(([label, outcomes]) => notesOn(label, outcomes)),
      ...library.notes,
    ],
  };
}

const TRUE = { slots: SLOTS, command: ['true'] };

async function jobsOf(tool, count) {
  const { startedNs, endedNs } = await runToEnd(tool, TRUE, numbers(count));
  return { values: { rate: count / ((endedNs - startedNs) / 1e9) }, flaws: [] };
}

async function oneJob(tool) {
  const { startedNs, endedNs } = await runToEnd(tool, TRUE, '1\n');
  return { values: { whole: (endedNs - startedNs) / 1e6 }, flaws: [] };
}

async function tagged(tool, file) {
  const input = `${file}\n`.repeat(TAGGED_JOBS);
  const { startedNs, endedNs, byteCount } = await runToEnd(
    tool,
    { slots: SLOTS, command: ['cat'], tag: true },
    input,
  );
  const wanted = TAGGED_JOBS * TAGGED_BYTES;
  const prefixes = TAGGED_JOBS * (TAGGED_BYTES / LINE.length) * (file.length + 1);
  const flaw = { what: 'lost or added output', detail: `${byteCount} bytes instead of ${wanted + prefixes}` };
  return {
    values: { rate: wanted / 1e6 / ((endedNs - startedNs) / 1e9) },
    flaws: byteCount === wanted + prefixes ? [] : [flaw],
  };
}

async function costOf(tool, count) {
  const { cpuSeconds } = await runToEnd(tool, TRUE, numbers(count));
  return { values: { each: (cpuSeconds * 1e3) / count }, flaws: [] };
}

/** One job that lasts, with one value and with a million of them. */
async function memoryOf(tool) {
  const values = { one: await peakWith(tool, '1\n'), many: await peakWith(tool, numbers(MANY_VALUES)) };
  return { values, flaws: [] };
}

async function peakWith(tool, input) {
  const child = begin(tool, { slots: 1, command: ['sleep 60; true'] });
  const closed = once(child, 'close');
  child.stdin.write(input);
  await sleep(QUEUED_MS);
  if (child.exitCode !== null) throw new RunFailed(`status ${child.exitCode}`);
  const peak = peakMegabytes([child.pid ?? 0]);
  child.kill('SIGKILL');
  await closed;
  return peak;
}

function begin(tool, work) {
  const child = spawn(tool.program, tool.pool?.(work) ?? [], {
    env: environment(),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // It is killed while it has not read all, or does not want to.
  child.stdin.on('error', () => undefined);
  return child;
}

/** The time on a CPU of its own threads is read until shortly before its end. */
async function runToEnd(tool, work, input) {
  const startedNs = nowNs();
  const child = begin(tool, work);
  let byteCount = 0;
  let cpuSeconds = 0;
  child.stdout.on('data', (/** @type {Buffer} */ bytes) => (byteCount += bytes.length));
  const look = setInterval(() => {
    cpuSeconds = Math.max(cpuSeconds, cpuSecondsOfLiving([child.pid ?? 0]));
  }, LOOK_MS);
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  child.stdin.end(input);
  try {
    const [status] = await once(child, 'close');
    if (status !== 0) throw new RunFailed(`status ${status}`);
    return { startedNs, endedNs: nowNs(), byteCount, cpuSeconds };
  } finally {
    clearInterval(look);
    clearTimeout(limit);
  }
}

const numbers = (/** @type {number} */ count) =>
  Array.from({ length: count }, (_, at) => `${at + 1}\n`).join('');

/** @param {import('../bench.js').Bench} bench */
async function taggedFile({ workshop }) {
  const dir = join(workshop.dir, 'pool');
  const file = join(dir, 'lines');
  if (existsSync(file)) return file;
  mkdirSync(dir);
  const stream = createWriteStream(file);
  const block = LINE.repeat(TAGGED_BYTES / LINE.length / 100);
  for (let at = 0; at < 100; at += 1) if (!stream.write(block)) await once(stream, 'drain');
  stream.end();
  await once(stream, 'close');
  return file;
}
