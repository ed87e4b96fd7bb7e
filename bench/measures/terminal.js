// The same for programs that each have a terminal of their own, as some tools give to all of theirs: what arrives in a
// pipe is counted line by line.
import { inTurn, toolsFor } from '../bench.js';
import { figure, notesOn } from '../figures.js';
import { BLOCKS, flood } from './output.js';

const WRITERS = 4;

const ROWS = /** @type {const} */ ([
  { key: 'rate', section: 'Output of programs in terminals, MB/s', better: 'more' },
  { key: 'cpu', section: 'The same: CPU of the tool, seconds per GB', better: 'less' },
]);

/** @param {import('../bench.js').Bench} bench */
export async function terminal(bench) {
  const tools = toolsFor(bench, 'terminal').filter((tool) => tool.terminal);
  const measured = [];
  for (const { name, bytes } of BLOCKS) {
    const label = `${WRITERS} writers in terminals, ${name}, to a pipe`;
    const one = /** @type {const} */ ({ writers: WRITERS, block: bytes, target: 'pipe', terminal: true });
    const outcomes = await inTurn(bench, { title: label, tools }, (tool) => flood(bench, tool, one));
    measured.push({ label, outcomes });
  }
  return {
    figures: ROWS.flatMap(({ key, ...row }) =>
      measured.map(({ label, outcomes }) => figure({ ...row, label }, outcomes, key)),
    ),
    notes: measured.flatMap(({ label, outcomes }) => notesOn(label, outcomes)),
  };
}
