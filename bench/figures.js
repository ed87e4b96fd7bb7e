// From the samples of a measure to rows of the table.
import { median } from './bench.js';

/**
 * One row.
 * @typedef {object} Figure
 * @property {string} section
 * @property {string} label
 * @property {'more' | 'less' | 'none'} better  'none': a difference that can be nothing has no ratio
 * @property {string} [against]  the tool against which ours is held, if it is not the C program
 * @property {Map<string, Cell>} cells  by tool
 */

/** @typedef {{ value: number, samples: number[], flawed: boolean }} Cell */

/**
 * @param {Pick<Figure, 'section' | 'label' | 'better' | 'against'>} row
 * @param {import('./bench.js').Outcomes} outcomes
 * @param {string} key of the samples' values
 * @returns {Figure}
 */
export function figure(row, outcomes, key) {
  /** @type {Map<string, Cell>} */
  const cells = new Map();
  for (const [tool, { samples }] of outcomes) {
    const values = samples.map((sample) => sample.values[key] ?? NaN).filter(Number.isFinite);
    if (!values.length) continue;
    const flawed = samples.some(({ flaws }) => flaws.length > 0);
    cells.set(tool, { value: median(values), samples: values, flawed });
  }
  return { ...row, cells };
}

/**
 * For each case its figure; the highest of them says it all.
 * @param {Pick<Figure, 'section' | 'label' | 'better'>} row
 * @param {Figure[]} figures
 * @returns {Figure}
 */
export function highestOf(row, figures) {
  /** @type {Map<string, Cell>} */
  const cells = new Map();
  for (const [tool, cell] of figures.flatMap((figure) => [...figure.cells])) {
    const highest = cells.get(tool);
    if (!highest || cell.value > highest.value) cells.set(tool, { ...cell, flawed: false });
  }
  return { ...row, cells };
}

/** @typedef {import('./bench.js').Flaw & { tool: string, where: string }} Note  for below the table */

/**
 * The first of each tool: it stands for the others.
 * @param {string} where the measure
 * @param {import('./bench.js').Outcomes} outcomes
 * @returns {Note[]}
 */
export function notesOn(where, outcomes) {
  return [...outcomes].flatMap(([tool, { samples, problems }]) => {
    const flaw = samples.flatMap(({ flaws }) => flaws).slice(0, 1);
    const failure = problems.slice(0, 1).map((detail) => ({ what: 'has no figure', detail }));
    return [...flaw, ...(samples.length ? [] : failure)].map((found) => ({ tool, where, ...found }));
  });
}
