// How long `a: true` takes, and how long it is until the child runs: what a user waits for at every start.
// A bare Node runs in the same rounds, as the floor of what is written in JavaScript.
import { inTurn, median, toolsFor } from '../bench.js';
import { figure, notesOn } from '../figures.js';
import { runTool } from '../run-tool.js';

const SECTION = 'Start, ms';
const BARE = 'node -e 0';
/** These runs are short, and their differences small: more of them. */
const RUNS_PER_ROUND = 4;

/** @type {import('../find-tools.js').Tool} */
const bareNode = { name: BARE, program: 'node', version: [], release: '', start: () => ['-e', '0'] };

/** @param {import('../bench.js').Bench} bench */
export async function startup(bench) {
  const tools = [bareNode, ...toolsFor(bench, 'startup')];
  const rounds = bench.quick ? 3 : bench.rounds * RUNS_PER_ROUND;
  const outcomes = await inTurn(bench, { title: 'startup', tools, rounds }, async (tool) => ({
    values: {
      whole: await wholeRun(bench, tool),
      ...(tool === bareNode ? {} : { child: await firstChild(bench, tool) }),
    },
    flaws: [],
  }));
  subtractBareNode(outcomes);
  return {
    figures: [
      figure({ section: SECTION, label: 'whole run of `a: true`', better: 'less' }, outcomes, 'whole'),
      figure(
        { section: SECTION, label: 'the same, over `node -e 0`', better: 'none' },
        outcomes,
        'wholeOver',
      ),
      figure({ section: SECTION, label: 'until the first child runs', better: 'less' }, outcomes, 'child'),
      figure(
        { section: SECTION, label: 'the same, over `node -e 0`', better: 'none' },
        outcomes,
        'childOver',
      ),
    ],
    notes: notesOn('start', outcomes),
  };
}

/** In ms. */
export const wholeRun = (bench, tool) =>
  runTool(bench, tool, { commands: () => ({ a: 'true' }), target: 'null' }, async (run) => {
    return ((await run.waitForExit()) - run.startedNs) / 1e6;
  });

const firstChild = (bench, tool) =>
  runTool(bench, tool, { commands: (child) => ({ a: child('once', 0) }), target: 'null' }, async (run) => {
    const [start] = await run.waitFor('start', 1);
    await run.waitForExit();
    return (start.atNs - run.startedNs) / 1e6;
  });

/** @param {import('../bench.js').Outcomes} outcomes */
function subtractBareNode(outcomes) {
  const bare = median(outcomes.get(BARE)?.samples.map(({ values }) => values.whole) ?? []);
  for (const { samples } of outcomes.values()) {
    for (const { values } of samples) {
      values.wholeOver = values.whole - bare;
      values.childOver = values.child - bare;
    }
  }
}
