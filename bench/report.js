// The table, as Markdown for docs/BENCHMARKS.md, and all samples, as JSON.
import { LIMIT, OURS, SHELL } from './tools.js';

/**
 * @typedef {object} Results
 * @property {ReturnType<import('./machine.js').describeMachine>} machine
 * @property {import('./find-tools.js').Tool[]} tools
 * @property {string[]} absent
 * @property {{ rounds: number, quick: boolean }} options
 * @property {boolean} compiled  whether the writers and the reader are the C programs
 * @property {import('./figures.js').Figure[]} figures
 * @property {import('./figures.js').Note[]} notes
 */

/** @param {Results} results @returns {string} */
export const toMarkdown = (results) =>
  [where(results), table(results), legend(), notes(results)].join('\n\n') + '\n';

/**
 * One measure, for a document that has the legend.
 * @param {Results} results
 * @param {string} command  that takes the figures
 */
export function toBlock(results, command) {
  const measured = new Set(columnsOf(results));
  const tools = results.tools.filter(({ name }) => measured.has(name));
  const taking = { ...results, tools };
  return [`\`${command}\``, where(taking), table(taking), notes(taking)].filter(Boolean).join('\n\n');
}

/** @param {Results} results */
function table(results) {
  const columns = columnsOf(results);
  const head = ['', ...columns];
  const rows = results.figures.flatMap((figure, i, all) => [
    ...(figure.section === all[i - 1]?.section ? [] : [[`**${figure.section}**`, ...columns.map(() => '')]]),
    [figure.label, ...columns.map((name) => cell(figure, name))],
  ]);
  return [head, head.map((_, i) => (i ? '--:' : '---')), ...rows].map(line).join('\n');
}

/** @param {Results} results @returns {string} */
export function toJson({ figures, ...results }) {
  const rows = figures.map(({ cells, ...row }) => ({
    ...row,
    tools: Object.fromEntries(
      [...cells].map(([name, cell]) => [name, { ...cell, ...ratiosOf(cells, name, row.against) }]),
    ),
  }));
  const tools = results.tools.map(({ name, release }) => ({ name, version: release }));
  return `${JSON.stringify({ ...results, tools, figures: rows }, null, 2)}\n`;
}

/** Ours, the limit, the others in their order, and last what only serves as a measure for some rows. */
function columnsOf({ figures, tools }) {
  const measured = new Set(figures.flatMap(({ cells }) => [...cells.keys()]));
  const names = [OURS, LIMIT, ...tools.filter(({ only }) => !only).map(({ name }) => name), ...measured];
  return [...new Set(names)].filter((name) => measured.has(name));
}

const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;

function cell(figure, name) {
  const found = figure.cells.get(name);
  if (!found) return '—';
  const against = name === OURS ? (figure.against ?? LIMIT) : OURS;
  const ratio = figure.better === 'none' ? undefined : ratioTo(figure.cells, name, against);
  return [number(found.value), found.flawed && '†', ratio && `(${number(ratio)}×)`].filter(Boolean).join(' ');
}

const ratiosOf = (cells, name, limit = LIMIT) => ({
  toOurs: ratioTo(cells, name, OURS),
  toLimit: ratioTo(cells, name, limit),
});

const ratioTo = (cells, name, against) => {
  const base = name === against ? undefined : cells.get(against)?.value;
  return base ? cells.get(name).value / base : undefined;
};

/** About three digits: more than that is noise. */
const number = (/** @type {number} */ value) => {
  const size = Math.abs(value);
  const short = size >= 0.1 ? value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2) : value.toPrecision(2);
  return (Number(short) + 0).toLocaleString('en', { maximumFractionDigits: 4 }); // + 0: no minus before a zero
};

function where({ machine, tools, options, figures }) {
  const { date, load, cores, cpu, memoryGiB, kernel, node } = machine;
  const releases = tools.filter(({ release }) => release).map(({ name, release }) => `${name} ${release}`);
  return [
    `${date}, load ${load} before, ${cores} × ${cpu}, ${memoryGiB} GiB, Linux ${kernel}, Node ${node.slice(1)}.`,
    `${releases.join(', ')}.`,
    `Medians of ${options.rounds} rounds; the tools take turns (start: four times as many rounds).${options.quick ? ' Quick run: do not quote.' : ''}`,
    figures.length ? '' : 'Nothing was measured.',
  ].join(' ');
}

const legend = () =>
  [
    `In brackets: the figure as a multiple of ${OURS}'s; in the column of ${OURS}, as a multiple of that of \`${LIMIT}\`,`,
    `a C program that only reads, prefixes and writes; for pipelines, of that of \`${SHELL}\`.`,
    'Output is that of the children, 80 bytes per line, without prefixes; 1 MB is 10⁶ bytes.',
    "CPU and memory are the tool's own, from `/proc`, without its children.",
    'Every line carries its writer and its number: for pipes and files, the number, order and content of all lines',
    'were checked; for /dev/null only the amount is known. — : not supported or not finished; † : see below.',
  ].join(' ');

function notes({ tools, absent, notes, compiled }) {
  const lines = [
    ...gathered(notes),
    ...tools.filter(({ note }) => note).map(({ name, note }) => `${name}: ${note}`),
    ...(absent.length ? [`Not measured: ${absent.join(', ')}.`] : []),
    ...(compiled
      ? []
      : ['No C compiler: writers and reader run in Node and are slow; do not quote the figures.']),
  ];
  return lines.map((text) => `- ${text}`).join('\n');
}

/** One line per finding about a tool, with its measures. */
function gathered(notes) {
  const byFault = new Map();
  for (const { tool, what, where, detail } of notes) {
    const wheres = byFault.get(`${tool} ${what}`) ?? new Map();
    byFault.set(`${tool} ${what}`, wheres.set(detail, [...(wheres.get(detail) ?? []), where]));
  }
  return [...byFault].map(([fault, wheres]) => {
    const said = [...wheres].map(([detail, all]) => `${all.join('; ')}${detail && ` (${detail})`}`);
    return `${fault}: ${said.join('; ')}.`;
  });
}
