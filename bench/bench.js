// What every measure is given, and how it takes its turns.
import { RunFailed } from './run-tool.js';

/**
 * @typedef {object} Bench
 * @property {import('./find-tools.js').Tool[]} tools
 * @property {import('./workshop.js').Workshop} workshop
 * @property {number} rounds
 * @property {boolean} quick
 * @property {(text: string) => void} say  progress
 */

/**
 * What one run yields: values by name, and what was wrong with it.
 * @typedef {{ values: Record<string, number>, flaws: Flaw[] }} Sample
 */

/** @typedef {{ what: string, detail: string }} Flaw */

/** @typedef {Map<string, { samples: Sample[], problems: string[] }>} Outcomes  by tool */

/** What fails twice is not tried again: it may have cost a minute each time. */
const ATTEMPTS = 2;

/**
 * Tool A, B, C, then A, B, C again: what else the machine does falls on all of them.
 * @param {Bench} bench
 * @param {{ title: string, tools: import('./find-tools.js').Tool[], rounds?: number }} plan
 * @param {(tool: import('./find-tools.js').Tool) => Promise<Sample>} once
 * @returns {Promise<Outcomes>}
 */
export async function inTurn(bench, { title, tools, rounds = bench.rounds }, once) {
  /** @type {Outcomes} */
  const outcomes = new Map(tools.map(({ name }) => [name, { samples: [], problems: [] }]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const tool of tools) {
      const outcome = outcomes.get(tool.name);
      if (!outcome || outcome.problems.length >= ATTEMPTS) continue;
      bench.say(`${title}: round ${round} of ${rounds}: ${tool.name}`);
      await once(tool).then(
        (sample) => outcome.samples.push(sample),
        (error) => {
          if (!(error instanceof RunFailed)) throw error;
          outcome.problems.push(error.message);
        },
      );
    }
  }
  return outcomes;
}

/** @param {Bench} bench */
export const toolsFor = (bench, measure) => bench.tools.filter(({ only }) => !only || only.includes(measure));

/** @param {number[]} numbers */
export const median = (numbers) => quantile(numbers, 0.5);

/** @param {number[]} numbers @param {number} part between 0 and 1 */
export function quantile(numbers, part) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const low = sorted[Math.floor(at)] ?? NaN;
  return low + ((sorted[Math.ceil(at)] ?? NaN) - low) * (at - Math.floor(at));
}
