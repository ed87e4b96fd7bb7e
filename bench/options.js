// What `npm run bench --` takes.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildOf, lastRelease } from './source.js';
import { ADAPTERS } from './tools.js';

const names = ADAPTERS.map(({ name }) => name);

/**
 * @typedef {object} Options
 * @property {number} rounds      runs of each tool for each figure
 * @property {boolean} quick      one short round, to see whether everything works
 * @property {string[]} only      measures by name; empty: all
 * @property {string[]} tools     tools by name; empty: all
 * @property {string | undefined} against  directory of another build of procsup
 * @property {string | undefined} piscina  where that package is
 * @property {string | undefined} chokidar  where that package is
 * @property {string | undefined} parcel  where the package @parcel/watcher is
 * @property {string | undefined} json  file for every sample
 * @property {string | undefined} markdown  document whose blocks of these measures are written anew
 * @property {boolean} guard  counts what this build costs beside that of --against
 */

const USAGE = `npm run bench -- [OPTION...]

  --rounds N     runs of each tool for each figure (5)
  --quick        one short round: shows that it works, measures little
  --only A,B     measures: MEASURES
  --tools A,B    of the others, these; procsup and the C program always run
  --against DIR  another build of procsup, as a tool: for a measure of what has become slower; or a commit, which is built
  --piscina DIR  where the package piscina is, if it cannot be found from here
  --chokidar DIR, --parcel DIR
                 where the packages chokidar and @parcel/watcher are
  --json FILE    every sample, too
  --markdown FILE
                 builds what has been committed, and writes the figures of each measure into this document
  --guard        instead of all this: counts instructions of this build and of --against (the last release), and compares
                 the output of both with the C program; tells what has become dearer by more than 10 %
`;

/**
 * Exits by itself after --help (0) or a mistake (2).
 * @param {string[]} measures the names that --only knows
 * @returns {Options}
 */
export function readOptions(measures) {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string' },
        quick: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        tools: { type: 'string', default: '' },
        against: { type: 'string' },
        piscina: { type: 'string' },
        chokidar: { type: 'string' },
        parcel: { type: 'string' },
        json: { type: 'string' },
        markdown: { type: 'string' },
        guard: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) leave(0, process.stdout, USAGE.replace('MEASURES', measures.join(', ')));
    const only = list(values.only);
    const unknown = only.filter((name) => !measures.includes(name));
    if (unknown.length)
      throw new Error(`no measure "${unknown.join(', ')}"; there are ${measures.join(', ')}`);
    const tools = list(values.tools);
    const unknownTools = tools.filter((name) => !names.includes(name));
    if (unknownTools.length)
      throw new Error(`no tool "${unknownTools.join(', ')}"; there are ${names.join(', ')}`);
    const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
    if (!(rounds >= 1)) throw new Error(`--rounds "${values.rounds}" is no number of rounds`);
    const { quick, guard, json } = values;
    const against = earlierBuild(values);
    const at = (/** @type {string | undefined} */ place) => place && resolve(place);
    const [piscina, chokidar, parcel] = [values.piscina, values.chokidar, values.parcel].map(at);
    const markdown = at(values.markdown);
    return { rounds, quick, only, tools, against, piscina, chokidar, parcel, json, markdown, guard };
  } catch (error) {
    return leave(2, process.stderr, `bench: ${error.message}\n`);
  }
}

function earlierBuild({ against, guard }) {
  const place = against ?? (guard ? lastRelease() : undefined);
  if (guard && place === undefined)
    throw new Error('there is no release yet: say with --against DIR or COMMIT what is compared');
  return place && buildOf(place);
}

const list = (/** @type {string} */ text) => text.split(',').filter(Boolean);

/** @returns {never} */
function leave(status, stream, text) {
  stream.write(text);
  process.exit(status);
}
