// What it costs the supervisor to look at the limits of many processes once a second: the same processes with and without
// limits, in turn. Of the current build only.
import { setTimeout as sleep } from 'node:timers/promises';
import { inTurn } from '../bench.js';
import { figure, notesOn } from '../figures.js';
import { cpuSeconds } from '../proc.js';
import { withProcesses } from '../with-processes.js';

const SECTION = 'Limits: CPU of the supervisor, percent of a core';
const FEW = 100;
const MANY = 1000;
const SECONDS = 20;
/** What has just been started is over. */
const SETTLE_MS = 3000;
const LIMITS = { memory: '1GiB', cpu: 2, processes: 50 };

/** @param {import('../bench.js').Bench} bench */
export async function limits(bench) {
  const tools = bench.tools.slice(0, 1);
  const counts = bench.quick ? [FEW] : [FEW, MANY];
  const figures = [];
  const notes = [];
  for (const count of counts) {
    const title = `limits: ${count}`;
    const outcomes = await inTurn(
      bench,
      { title, tools, rounds: Math.min(3, bench.rounds) },
      async ({ program }) => {
        const without = await percentOf(bench, program, count, undefined);
        const looking = await percentOf(bench, program, count, LIMITS);
        return { values: { without, looking, more: looking - without }, flaws: [] };
      },
    );
    for (const [label, key] of [
      [`${count} processes with memory, cpu and processes`, 'looking'],
      ['the same without limits', 'without'],
      ['the difference', 'more'],
    ]) {
      figures.push(figure({ section: SECTION, label, better: 'none' }, outcomes, key));
    }
    notes.push(...notesOn(title, outcomes));
  }
  return { figures, notes };
}

async function percentOf(bench, program, count, own) {
  const processes = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `p${index}`,
      {
        command: 'exec sleep 1000',
        // The ports that are given would not do for so many.
        environment: { PORT: '21000' },
        ready: { delay: '0s' },
        ...(own && { limits: own }),
      },
    ]),
  );
  return withProcesses(bench, program, processes, async ({ pid }) => {
    await sleep(SETTLE_MS);
    const before = cpuSeconds([pid]);
    await sleep(SECONDS * 1000);
    return ((cpuSeconds([pid]) - before) / SECONDS) * 100;
  });
}
