// How fast both builds let output through, as parts of what the C program reaches in the same rounds.
import { findTools } from '../find-tools.js';
import { output } from '../measures/output.js';
import { LIMIT, OURS } from '../tools.js';

const EARLIER = 'earlier';

/** @returns {Promise<import('./guard.js').Row[]>} none without a C compiler */
export async function outputBesideC(bench, earlier) {
  const { limit } = bench.workshop;
  if (!limit) return [];
  const { tools } = findTools([OURS], earlier);
  const { figures } = await output({ ...bench, tools: [...tools, limit] });
  return figures.flatMap(({ section, label, better, cells }) => {
    const part = (/** @type {string} */ name) => cells.get(name)?.value / cells.get(LIMIT)?.value;
    const [before, now] = [part(EARLIER), part(OURS)];
    const unit = `x of the C program: ${section}`;
    return Number.isFinite(before) && Number.isFinite(now)
      ? [{ name: label, unit, before, now, better }]
      : [];
  });
}
