// How much memory a tool takes when its children write without end: to a reader as fast as it can be, and to one
// that stops reading for some seconds. A tool that goes on reading then has to put it somewhere.
import { setTimeout as sleep } from 'node:timers/promises';
import { checkFlow } from '../arrival.js';
import { inTurn, toolsFor } from '../bench.js';
import { figure, notesOn } from '../figures.js';
import { peakMegabytes } from '../proc.js';
import { runTool } from '../run-tool.js';
import { floods } from './output.js';

const SECTION = 'Peak memory while 4 writers flood a pipe, MB';
const WRITERS = 4;
const BLOCK = 65536;
const ENDLESS = 1e6;
const LOOK_MS = 50;
/** The machine is not ours alone. */
const TOO_MUCH_MB = 1500;

/** @param {import('../bench.js').Bench} bench */
export async function memory(bench) {
  const [floodMs, stopMs] = bench.quick ? [500, 1000] : [2000, 3000];
  const tools = toolsFor(bench, 'memory');
  const flowing = await inTurn(bench, { title: 'memory, reader reads', tools }, (tool) =>
    peakUnder(bench, tool, (run) => watch(run, floodMs)),
  );
  const blocked = await inTurn(bench, { title: 'memory, reader stops', tools }, (tool) =>
    peakUnder(bench, tool, async (run) => {
      await watch(run, floodMs / 4);
      run.pauseReader();
      const bounded = await watch(run, stopMs);
      run.resumeReader();
      return bounded && watch(run, floodMs / 4);
    }),
  );
  const label = `a reader that stops for ${stopMs / 1000} s`;
  return {
    figures: [
      figure({ section: SECTION, label: 'a reader that always reads', better: 'less' }, flowing, 'peak'),
      figure({ section: SECTION, label, better: 'less' }, blocked, 'peak'),
    ],
    notes: [...notesOn('full flood', flowing), ...notesOn('blocked reader', blocked)],
  };
}

const peakUnder = (bench, tool, strain) => {
  const commands = (child) => floods(child, WRITERS, BLOCK, ENDLESS, 1e15);
  return runTool(bench, tool, { commands, target: 'pipe' }, async (run) => {
    await run.waitFor('ready', WRITERS);
    run.openGate();
    const bounded = await strain(run);
    const peak = peakMegabytes(run.processes());
    // Beyond all bounds: it would only go on for as long again, emptying what it had taken in.
    if (!bounded) run.kill();
    const report = await run.end();
    const flaws = bounded
      ? checkFlow(report)
      : [{ what: '**memory without bound**', detail: `stopped at ${TOO_MUCH_MB} MB` }];
    return { values: { peak }, flaws };
  });
};

/** @returns {Promise<boolean>} false as soon as it takes too much */
async function watch(run, ms) {
  const processes = run.processes();
  for (let passed = 0; passed < ms; passed += LOOK_MS) {
    await sleep(LOOK_MS);
    if (peakMegabytes(processes) > TOO_MUCH_MB) return false;
  }
  return true;
}
