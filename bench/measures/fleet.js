// What the pure core of the fleet costs: that of today beside that of the commit at which it still looked at every member
// after every event. Each story is lived in a process of its own, without any programs.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTurn } from '../bench.js';
import { environment } from '../environment.js';
import { figure, notesOn } from '../figures.js';
import { bundleCommit, bundleToday } from '../fleet/cores.js';
import { RunFailed } from '../run-tool.js';
import { OURS } from '../tools.js';

const SECTION = 'The fleet, CPU ms of its pure core';
const COMMIT = '6aa5005';
const BEFORE = `${OURS} ${COMMIT}`;
const FEW = 1000;
const MANY = 10_000;
const STORIES = {
  start: 'members that start',
  chain: 'tasks, each after the success of the one before',
};
const workloads = fileURLToPath(new URL('../fleet/workloads.js', import.meta.url));

/** @param {import('../bench.js').Bench} bench */
export async function fleet(bench) {
  const dir = join(bench.workshop.dir, 'fleet');
  mkdirSync(dir);
  const today = { core: await bundleToday(dir), counts: [FEW, MANY] };
  const before = await bundleCommit(COMMIT, dir);
  const cores = new Map([[OURS, today]]);
  if (before !== undefined) cores.set(BEFORE, { core: before, counts: [FEW] });

  const outcomes = await inTurn(bench, { title: 'fleet', tools: [...cores.keys()].map(toolOf) }, ({ name }) =>
    Promise.resolve({ values: valuesOf(cores.get(name)), flaws: [] }),
  );
  return { figures: figuresOf(outcomes), notes: [...notesOn('fleet', outcomes), missing(before)] };
}

/** @returns {import('../find-tools.js').Tool} */
const toolOf = (/** @type {string} */ name) => ({
  name,
  program: '',
  version: [],
  release: '',
  start: () => [],
});

function valuesOf({ core = '', counts = /** @type {number[]} */ ([]) } = {}) {
  const values = {};
  for (const story of Object.keys(STORIES)) {
    for (const count of counts) values[`${story} ${count}`] = cpuMs(core, story, count);
    values[`${story} growth`] = values[`${story} ${MANY}`] / values[`${story} ${FEW}`];
  }
  return values;
}

function cpuMs(core, story, count) {
  const args = [workloads, core, story, String(count)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: environment(),
  });
  if (status !== 0) throw new RunFailed(`${story} of ${count}: ${stderr.trim()}`);
  return Number(stdout);
}

function figuresOf(outcomes) {
  return Object.entries(STORIES).flatMap(([story, words]) => [
    ...[FEW, MANY].map((count) => {
      const label = `${count.toLocaleString('en')} ${words}`;
      const row = { section: SECTION, label, better: /** @type {const} */ ('less'), against: BEFORE };
      return figure(row, outcomes, `${story} ${count}`);
    }),
    figure(
      { section: SECTION, label: '— as a multiple of the CPU of 1,000', better: 'none' },
      outcomes,
      `${story} growth`,
    ),
  ]);
}

/** @returns {import('../figures.js').Note} */
function missing(/** @type {string | undefined} */ before) {
  const [what, detail] =
    before === undefined
      ? ['gives no figure', 'the history does not have that commit: a shallow clone?']
      : [`is not asked for ${MANY.toLocaleString('en')}`, 'it is quadratic and would take minutes'];
  return { tool: BEFORE, where: 'fleet', what, detail };
}
