// Pipelines: how fast bytes get through, what the tool itself does meanwhile, which ought to be nothing, and how long
// one takes that has nothing to do. The first stage writes for a time, those after it are `cat`.
import { setTimeout as sleep } from 'node:timers/promises';
import { inTurn, median, toolsFor } from '../bench.js';
import { figure, notesOn } from '../figures.js';
import { cpuSecondsOfLiving } from '../proc.js';
import { nowNs, runTool } from '../run-tool.js';
import { SHELL } from '../tools.js';

const SECONDS = 1;
const QUICK_SECONDS = 0.4;
/** What the tool still does for its own start must not count. */
const SETTLE_MS = 200;
const LOOK_MS = 50;
const BARE = 'node -e 0';
/** These runs are short, and their differences small: more of them. */
const RUNS_PER_ROUND = 4;

const BLOCKS = [
  { name: '512 bytes', bytes: 512 },
  { name: '8 KiB', bytes: 8192 },
  { name: '128 KiB', bytes: 131_072 },
];
const CASES = [2, 4].flatMap((stages) =>
  BLOCKS.map(({ name, bytes }) => ({ label: `${stages} stages, writes of ${name}`, stages, bytes })),
);

const ROWS = /** @type {const} */ ([
  { key: 'rate', section: 'Pipelines, MB/s', better: 'more' },
  { key: 'cpu', section: 'CPU of the tool itself meanwhile, % of a core', better: 'none' },
]);
const SHORT = { section: 'A pipeline of two `/bin/true`, ms', against: SHELL };

/** @type {import('../find-tools.js').Tool} */
const bareNode = { name: BARE, program: 'node', release: '', pipeline: () => ['-e', '0'] };

/** @param {import('../bench.js').Bench} bench */
export async function pipeline(bench) {
  const tools = toolsFor(bench, 'pipeline').filter((tool) => tool.pipeline);
  const measured = [];
  for (const one of CASES) {
    const outcomes = await inTurn(bench, { title: one.label, tools }, (tool) => pour(bench, tool, one));
    measured.push({ label: one.label, outcomes });
  }
  const short = await shortOnes(bench, [bareNode, ...tools]);
  return {
    figures: [
      ...ROWS.flatMap(({ key, ...row }) =>
        measured.map(({ label, outcomes }) => figure({ ...row, label, against: SHELL }, outcomes, key)),
      ),
      figure({ ...SHORT, label: 'from start to end', better: 'less' }, short, 'whole'),
      figure(
        { ...SHORT, label: `the same, over \`${BARE}\` and \`${SHELL}\``, better: 'none' },
        short,
        'over',
      ),
    ],
    notes: [...measured, { label: 'short pipelines', outcomes: short }].flatMap(({ label, outcomes }) =>
      notesOn(label, outcomes),
    ),
  };
}

const pour = (bench, tool, { stages, bytes }) => {
  const seconds = bench.quick ? QUICK_SECONDS : SECONDS;
  const commands = (child) => ({
    first: child('pour', 0, bytes, seconds),
    ...Object.fromEntries(Array.from({ length: stages - 1 }, (_, i) => [`cat${i}`, 'cat'])),
  });
  return runTool(bench, tool, { commands, target: 'null', pipeline: true }, async (run) => {
    const [start] = await run.waitFor('start', 1);
    const finished = run.waitFor('done', 1);
    const cpu = await idleness(run.pid, finished);
    const [done] = await finished;
    await run.waitForExit();
    return { values: { rate: (done.lines / (done.atNs - start.atNs)) * 1e3, cpu }, flaws: [] };
  });
};

/** Until `finished`: then it has its own end to see to. */
async function idleness(pid, finished) {
  let over = false;
  const end = () => (over = true);
  finished.then(end, end);
  await sleep(SETTLE_MS);
  const look = () => ({ atNs: nowNs(), cpu: cpuSecondsOfLiving([pid]) });
  const first = look();
  let last = first;
  for (;;) {
    await sleep(LOOK_MS);
    const now = look();
    if (over) return ((last.cpu - first.cpu) / (last.atNs - first.atNs)) * 1e11;
    last = now;
  }
}

async function shortOnes(bench, tools) {
  const rounds = bench.quick ? 3 : bench.rounds * RUNS_PER_ROUND;
  const commands = () => ({ first: '/bin/true', second: '/bin/true' });
  const outcomes = await inTurn(bench, { title: 'short pipelines', tools, rounds }, (tool) =>
    runTool(bench, tool, { commands, target: 'null', pipeline: true }, async (run) => ({
      values: { whole: ((await run.waitForExit()) - run.startedNs) / 1e6 },
      flaws: [],
    })),
  );
  const wholeOf = (name) => median(outcomes.get(name)?.samples.map(({ values }) => values.whole) ?? []);
  const floor = wholeOf(BARE) + wholeOf(SHELL);
  for (const [name, { samples }] of outcomes)
    if (name !== BARE && name !== SHELL) for (const { values } of samples) values.over = values.whole - floor;
  return outcomes;
}
