// Figures that stand in a document. Each measure has a block of its own, which names the commit whose build was measured: so one
// measure can be taken again without the others, and a test can tell that a figure has outlived its code.

/**
 * @typedef {object} Block
 * @property {string} measure  as for --only
 * @property {string} commit   of the build
 */

/** The headings, in the order of the document. */
export const TITLES = {
  startup: 'Start',
  output: 'Output',
  memory: 'A flood, and a reader that stops',
  latency: 'A quiet process beside a flood',
  terminal: 'Programs in terminals',
  restart: 'Restart',
  idle: '100 idle processes',
  daemon: 'The supervisor in the background',
  fleet: 'Many processes',
  readiness: 'Readiness',
  limits: 'Limits',
  watch: 'Watching files',
  pipeline: 'Pipelines',
  pool: 'Pools',
  queue: 'Queues',
  task: 'Tasks',
};

/** What each figure may depend on: its code must not have changed long after it was taken. */
export const MEASURED_CODE = ['src/output', 'src/logs', 'src/runtime', 'bench'];

/** As long as a release may be away. */
export const OLDEST_DAYS = 14;

const BLOCK = /<!-- bench:([\w-]+) commit=(\w+) -->\n[^]*?<!-- bench:end -->/g;

/** @param {string} document @returns {Block[]} */
export const blocksOf = (document) =>
  [...document.matchAll(BLOCK)].map(([, measure = '', commit = '']) => ({ measure, commit }));

/**
 * @param {string} document
 * @param {Block} block  takes the place of the measure's older one; else it comes below its heading, which is made if need be
 * @param {string} text
 * @returns {string} the document with it
 */
export function withBlock(document, { measure, commit }, text) {
  const block = `<!-- bench:${measure} commit=${commit} -->\n\n${text.trim()}\n\n<!-- bench:end -->`;
  const older = [...document.matchAll(BLOCK)].find(([, name]) => name === measure);
  if (older) return document.replace(older[0], () => block);
  const heading = `## ${TITLES[measure]}`;
  const sections = document.trimEnd().split(/\n+(?=##+ )/);
  const at = sections.findIndex((section) => section.split('\n')[0] === heading);
  if (at < 0) return [...sections, `${heading}\n\n${block}`].join('\n\n') + '\n';
  return sections.with(at, `${sections[at]}\n\n${block}`).join('\n\n') + '\n';
}
