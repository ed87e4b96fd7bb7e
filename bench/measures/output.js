// How fast lines get through, and at what price in CPU and memory.
//
// All writers begin at one moment, write for a given time, and then stay, since most runners end everything when
// the first process ends. The rate is all they wrote over the time until the last of it had arrived. A time
// rather than an amount keeps a run as short with a tool that is a hundred times slower; only to a file there is
// an amount too, for the disk's sake.
import { setTimeout as sleep } from 'node:timers/promises';
import { checkAmount, checkArrival } from '../arrival.js';
import { inTurn, toolsFor } from '../bench.js';
import { figure, highestOf, notesOn } from '../figures.js';
import { bytesWritten, cpuSeconds, peakMegabytes } from '../proc.js';
import { runTool } from '../run-tool.js';

const LINE_BYTES = 80;
const FILE_BYTES = 512e6;
const SECONDS = 1.5;
const QUICK_SECONDS = 0.4;
/** What the tool still does for its own start must not count. */
const SETTLE_MS = 200;
const DONE_MS = 60_000;

export const BLOCKS = [
  { name: '64 KiB blocks', bytes: 65536 },
  { name: 'line by line', bytes: LINE_BYTES },
];
const TARGETS = /** @type {const} */ ([
  { name: '/dev/null', target: 'null' },
  { name: 'a pipe', target: 'pipe' },
  { name: 'a file', target: 'file' },
]);
const COUNTS = [4, 50];
const CASES = COUNTS.flatMap((writers) =>
  BLOCKS.flatMap((block) =>
    TARGETS.map(({ name, target }) => ({
      label: `${writers} writers, ${block.name}, to ${name}`,
      writers,
      block: block.bytes,
      target,
    })),
  ),
);

const ROWS = /** @type {const} */ ([
  { key: 'rate', section: 'Output, MB/s', better: 'more' },
  { key: 'cpu', section: 'CPU of the tool, seconds per GB', better: 'less' },
]);

/** @param {import('../bench.js').Bench} bench */
export async function output(bench) {
  const measured = [];
  for (const one of CASES) {
    const plan = { title: one.label, tools: toolsFor(bench, 'output') };
    const outcomes = await inTurn(bench, plan, (tool) => flood(bench, tool, one));
    measured.push({ ...one, outcomes });
  }
  return {
    figures: [
      ...ROWS.flatMap(({ key, ...row }) =>
        measured.map(({ label, outcomes }) => figure({ ...row, label }, outcomes, key)),
      ),
      ...COUNTS.map((writers) => highestPeak(writers, measured)),
    ],
    notes: measured.flatMap(({ label, outcomes }) => notesOn(label, outcomes)),
  };
}

/** The highest of the six cases with so many writers. */
function highestPeak(writers, measured) {
  const row = /** @type {const} */ ({
    section: 'Peak memory of the tool in any of these, MB',
    label: `${writers} writers`,
    better: 'less',
  });
  const cases = measured.filter((one) => one.writers === writers);
  return highestOf(
    row,
    cases.map(({ outcomes }) => figure(row, outcomes, 'peak')),
  );
}

/**
 * @param {import('../bench.js').Bench} bench
 * @param {import('../find-tools.js').Tool} tool
 * @param {{ writers: number, block: number, target: import('../run-tool.js').Target, terminal?: boolean }} one
 */
export const flood = (bench, tool, { writers, block, target, terminal = false }) => {
  const seconds = bench.quick ? QUICK_SECONDS : SECONDS;
  const most = target === 'file' ? Math.round(FILE_BYTES / writers) : 1e15;
  const commands = (child) => floods(child, writers, block, seconds, most);
  return runTool(bench, tool, { commands, target, terminal }, async (run) => {
    await run.waitFor('ready', writers);
    await sleep(SETTLE_MS);
    const processes = run.processes();
    const before = { cpu: cpuSeconds(processes), written: bytesWritten(run.writers()) };
    const beganNs = run.openGate();
    const done = await run.waitFor('done', writers, DONE_MS);
    const bytes = done.reduce((sum, { lines }) => sum + lines * LINE_BYTES, 0);
    const sinceNs = Math.max(...done.map(({ atNs }) => atNs));
    const stillNs = await run.untilStill({ sinceNs, before: before.written, bytes });
    const cpu = cpuSeconds(processes) - before.cpu;
    const peak = peakMegabytes(processes);
    const passed = bytesWritten(run.writers()) - before.written;
    const report = await run.end();

    const tookNs = (target === 'pipe' && !tool.screen ? report?.lastNs || NaN : stillNs) - beganNs;
    return {
      values: { rate: (bytes / tookNs) * 1e3, cpu: (cpu / bytes) * 1e9, peak },
      flaws: report ? checkArrival(done, report) : checkAmount(bytes, passed),
    };
  });
};

/** @param {import('../run-tool.js').Child} child @returns {Record<string, string>} */
export function floods(child, writers, block, seconds, most) {
  const commands = Array.from({ length: writers }, (_, i) => child('flood', i, block, seconds, most));
  return Object.fromEntries(commands.map((command, i) => [`w${i}`, command]));
}
