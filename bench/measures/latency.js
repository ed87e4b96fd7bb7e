// How long the line of a quiet process takes while three others write as fast as they can: is the line of the web
// server you wait for there when it was written?
import { setTimeout as sleep } from 'node:timers/promises';
import { inTurn, quantile, toolsFor } from '../bench.js';
import { figure, notesOn } from '../figures.js';
import { RunFailed, runTool } from '../run-tool.js';
import { floods } from './output.js';

const SECTION = 'A line every 10 ms while 3 others flood a pipe, ms until it is read';
const FLOODS = 3;
const BLOCK = 65536;
const EVERY_MS = 10;
const ENDLESS = 1e6;

const ROWS = [
  { label: 'median', key: 'p50' },
  { label: 'p99', key: 'p99' },
  { label: 'worst', key: 'max' },
];

/** @param {import('../bench.js').Bench} bench */
export async function latency(bench) {
  const plan = { title: 'latency', tools: toolsFor(bench, 'latency') };
  const outcomes = await inTurn(bench, plan, (tool) =>
    tickUnderFlood(bench, tool, bench.quick ? 1000 : 4000),
  );
  return {
    figures: ROWS.map(({ label, key }) => figure({ section: SECTION, label, better: 'less' }, outcomes, key)),
    notes: notesOn('latency', outcomes),
  };
}

const tickUnderFlood = (bench, tool, ms) => {
  const commands = (child) => ({
    ...floods(child, FLOODS, BLOCK, ENDLESS, 1e15),
    tick: child('tick', FLOODS, EVERY_MS),
  });
  return runTool(bench, tool, { commands, target: 'pipe' }, async (run) => {
    await run.waitFor('ready', FLOODS + 1);
    run.openGate();
    await sleep(ms);
    const ticks = ((await run.end())?.ticks ?? []).map((ns) => ns / 1e6);
    if (!ticks.length) throw new RunFailed(`no line of the quiet process arrived within ${ms / 1000} s`);
    // One that was not written in all that time was kept waiting: fewer lines than due are a finding.
    const due = ms / EVERY_MS;
    const flaws =
      ticks.length < due * 0.9
        ? [{ what: 'delays the quiet process', detail: `${ticks.length} of ${due} lines arrived` }]
        : [];
    return {
      values: { p50: quantile(ticks, 0.5), p99: quantile(ticks, 0.99), max: Math.max(...ticks) },
      flaws,
    };
  });
};
