// How long it is from the death of a process until its successor runs, where the tool is told to restart at once.
// The process lives a while before it dies, so that the tool is at rest when it happens.
import { inTurn, median, toolsFor } from '../bench.js';
import { figure, notesOn } from '../figures.js';
import { runTool } from '../run-tool.js';
import { RESTARTS } from '../tools.js';

const SECTION = 'Restart, ms';
const LIFE_MS = 250;

/** @param {import('../bench.js').Bench} bench */
export async function restart(bench) {
  const tools = toolsFor(bench, 'restart').filter((tool) => tool.restart);
  const outcomes = await inTurn(bench, { title: 'restart', tools }, (tool) => dieRepeatedly(bench, tool));
  const label = 'from a death to the successor running';
  return {
    figures: [
      figure({ section: SECTION, label, better: 'less' }, outcomes, 'median'),
      figure({ section: SECTION, label: `the slowest of ${RESTARTS}`, better: 'less' }, outcomes, 'max'),
    ],
    notes: notesOn('restart', outcomes),
  };
}

const dieRepeatedly = (bench, tool) => {
  const commands = (child) => ({ a: child('die', 0, LIFE_MS) });
  return runTool(bench, tool, { commands, target: 'null', restart: true }, async (run) => {
    const starts = await run.waitFor('start', RESTARTS + 1);
    const deaths = await run.waitFor('death', RESTARTS);
    const gaps = deaths.slice(0, RESTARTS).map(({ atNs }, i) => ((starts[i + 1]?.atNs ?? NaN) - atNs) / 1e6);
    return { values: { median: median(gaps), max: Math.max(...gaps) }, flaws: [] };
  });
};
