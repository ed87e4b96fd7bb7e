// What a hundred processes cost that do nothing: time until all run, memory and CPU of the tool alone.
import { setTimeout as sleep } from 'node:timers/promises';
import { inTurn, toolsFor } from '../bench.js';
import { figure, notesOn } from '../figures.js';
import { cpuSecondsOfLiving, residentMegabytes } from '../proc.js';
import { runTool } from '../run-tool.js';

const SECTION = '100 idle processes';
const COUNT = 100;
const SETTLE_MS = 1500;

/** @param {import('../bench.js').Bench} bench */
export async function idle(bench) {
  const idleMs = bench.quick ? 1000 : 3000;
  const plan = { title: 'idle', tools: toolsFor(bench, 'idle') };
  const outcomes = await inTurn(bench, plan, (tool) => keepIdle(bench, tool, idleMs));
  const cpu = `CPU ms in ${idleMs / 1000} s`;
  return {
    figures: [
      figure({ section: SECTION, label: 'ms until all run', better: 'less' }, outcomes, 'start'),
      figure({ section: SECTION, label: 'memory of the tool, MB', better: 'less' }, outcomes, 'memory'),
      figure({ section: SECTION, label: cpu, better: 'none' }, outcomes, 'cpu'),
    ],
    notes: notesOn('idle', outcomes),
  };
}

const keepIdle = (bench, tool, idleMs) => {
  const commands = (child) =>
    Object.fromEntries(Array.from({ length: COUNT }, (_, i) => [`p${i}`, child('idle', i)]));
  return runTool(bench, tool, { commands, target: 'null' }, async (run) => {
    const starts = await run.waitFor('start', COUNT);
    await sleep(SETTLE_MS);
    const processes = run.processes();
    const before = cpuSecondsOfLiving(processes);
    await sleep(idleMs);
    return {
      values: {
        start: (Math.max(...starts.map(({ atNs }) => atNs)) - run.startedNs) / 1e6,
        memory: residentMegabytes(processes),
        cpu: (cpuSecondsOfLiving(processes) - before) * 1e3,
      },
      flaws: [],
    };
  });
};
