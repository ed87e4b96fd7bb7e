// Tasks: a hundred that do nothing, run and cached; ten thousand inputs, unchanged and with one change; a thousand in a chain
// and in a fan; and the time until the first command runs, beside that of the first child of `procsup start`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inTurn, toolsFor } from '../bench.js';
import { environment } from '../environment.js';
import { figure, notesOn } from '../figures.js';
import { nowNs, RunFailed } from '../run-tool.js';
import { locate } from '../find-tools.js';
import { withProgramFirst, writeInputs } from '../task-tools.js';

const MAKE = 'make';
const TURBO = 'turbo';
const LIMIT_MS = 60_000;
const FEW = 100;
const MANY = 1_000;
const INPUTS = 10_000;
const WARM_RUNS = 4;

const named = (/** @type {number} */ count, taskAt) =>
  Array.from({ length: count }, (_, at) => ({ name: `t${at}`, command: 'true', ...taskAt(at) }));

/** Writes when it runs. */
const TELLING = 'date +%s%N >at';

const WORK = {
  first: named(1, () => ({ needs: [], command: TELLING })),
  few: named(FEW, () => ({ needs: [], inputs: ['one.txt'] })),
  files: named(1, () => ({ needs: [], inputs: ['src/**'] })),
  chain: named(MANY, (at) => ({ needs: at === 0 ? [] : [`t${at - 1}`] })),
  fan: named(MANY, () => ({ needs: [] })),
};

/** @param {import('../bench.js').Bench} bench */
export async function task(bench) {
  const tools = toolsFor(bench, 'task').filter((tool) => tool.tasks);
  const keeping = tools.filter(({ keepsResults }) => keepsResults);
  const graphs = tools.filter(({ hasGraph }) => hasGraph);
  const turn = (title, tools, run) => inTurn(bench, { title, tools }, run);
  await warmUp(
    bench,
    keeping.filter(({ start }) => start),
  );
  const measured = {
    first: await turn('the first command', tools, (tool) => firstCommand(bench, tool)),
    few: await turn('100 tasks', tools, (tool) => coldAndCached(bench, tool, 'few')),
    files: await turn('10,000 inputs', keeping, (tool) => unchangedAndChanged(bench, tool)),
    chain: await turn('a chain', graphs, (tool) => cold(bench, tool, 'chain')),
    fan: await turn('a fan', graphs, (tool) => cold(bench, tool, 'fan')),
  };
  const section = 'Tasks, ms from start to end';
  const row = (label, against, key, from) =>
    figure({ section, label, better: 'less', against }, measured[from], key);
  return {
    figures: [
      row('until the first command runs', MAKE, 'task', 'first'),
      row('until the first child of `start` runs', MAKE, 'child', 'first'),
      row(`${FEW} × \`true\`, 2 at once`, MAKE, 'cold', 'few'),
      row('the same, all cached', TURBO, 'cached', 'few'),
      row('1 task, 10,000 inputs unchanged', TURBO, 'unchanged', 'files'),
      row('1 task, one of 10,000 inputs changed', TURBO, 'changed', 'files'),
      row('1,000 × `true` in a chain', MAKE, 'cold', 'chain'),
      row('1,000 × `true` in a fan', MAKE, 'cold', 'fan'),
    ],
    notes: Object.entries(measured).flatMap(([label, outcomes]) => notesOn(label, outcomes)),
  };
}

/** All of a bench have one cache of the user, as at home; the input of each is new to it. */
function open(bench, tool, kind) {
  const dir = mkdtempSync(join(bench.workshop.dir, `task-${kind}-`));
  writeFileSync(join(dir, 'one.txt'), `${dir}\n`);
  return { dir, cacheHome: join(bench.workshop.dir, 'cache'), args: tool.tasks(dir, WORK[kind]) };
}

/** procsup keeps what V8 has compiled in the first runs of a command. */
async function warmUp(bench, tools) {
  for (let run = 0; run < WARM_RUNS; run += 1)
    for (const tool of tools) {
      bench.say(`warming up: ${tool.name}`);
      await timeOf(tool, open(bench, tool, 'first'));
    }
}

async function firstCommand(bench, tool) {
  const opened = open(bench, tool, 'first');
  // What it is to do is known from then on, if the tool keeps that.
  await timeOf(tool, opened);
  const task = await untilTold(tool, opened);
  if (tool.start === undefined || !tool.keepsResults) return { values: { task }, flaws: [] };
  const dir = mkdtempSync(join(bench.workshop.dir, 'task-start-'));
  const procfile = join(dir, 'Procfile');
  writeFileSync(procfile, `a: ${TELLING}\n`);
  const child = await untilTold(tool, { ...opened, dir, args: tool.start({ procfile }) });
  return { values: { task, child }, flaws: [] };
}

async function untilTold(tool, opened) {
  const startedMs = performance.timeOrigin + performance.now();
  await timeOf(tool, opened);
  return Number(readFileSync(join(opened.dir, 'at'), 'utf8')) / 1e6 - startedMs;
}

async function cold(bench, tool, kind) {
  return { values: { cold: await timeOf(tool, open(bench, tool, kind)) }, flaws: [] };
}

async function coldAndCached(bench, tool, kind) {
  const opened = open(bench, tool, kind);
  const values = { cold: await timeOf(tool, opened) };
  return {
    values: tool.keepsResults ? { ...values, cached: await timeOf(tool, opened) } : values,
    flaws: [],
  };
}

async function unchangedAndChanged(bench, tool) {
  const opened = open(bench, tool, 'files');
  writeInputs(opened.dir, INPUTS);
  await timeOf(tool, opened);
  const unchanged = await timeOf(tool, opened);
  writeFileSync(join(opened.dir, 'src/50/5000.txt'), `${String(nowNs())}\n`);
  return { values: { unchanged, changed: await timeOf(tool, opened) }, flaws: [] };
}

async function timeOf(tool, { dir, cacheHome, args }) {
  const program = tool.runsBelow === undefined ? tool.program : (locate(tool.runsBelow) ?? tool.runsBelow);
  const startedNs = nowNs();
  const child = spawn(program, args, {
    cwd: dir,
    env: {
      ...withProgramFirst(tool.program, environment()),
      ...{ XDG_CACHE_HOME: cacheHome, TURBO_TELEMETRY_DISABLED: '1', WIREIT_PARALLEL: '2' },
    },
    stdio: ['ignore', 'ignore', 'ignore'],
    // With all that it has started: of npm alone the tool would run on beside what is measured next.
    detached: true,
  });
  const end = () => endGroup(child);
  const limit = setTimeout(end, LIMIT_MS);
  // A Ctrl-C reaches only us.
  process.once('exit', end);
  try {
    const [status] = await once(child, 'close');
    if (status !== 0) throw new RunFailed(`status ${status}`);
    return (nowNs() - startedNs) / 1e6;
  } finally {
    clearTimeout(limit);
    process.off('exit', end);
  }
}

/** It may have ended just now. */
function endGroup({ pid }) {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Its exit is on its way.
  }
}
