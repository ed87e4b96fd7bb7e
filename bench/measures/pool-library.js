// Pools of libraries with functions that do nothing: how many tasks a second, one by one and by the hundred, and what
// ours keeps of a million of them.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inTurn } from '../bench.js';
import { environment } from '../environment.js';
import { figure, notesOn } from '../figures.js';
import { locate } from '../find-tools.js';
import { RunFailed } from '../run-tool.js';
import { OURS } from '../tools.js';

const PISCINA = 'piscina';
const PYTHON = "Python's Pool";
const SINGLE_TASKS = 40_000;
const CHUNKED_TASKS = 2_000_000;
const MANY_TASKS = 1_000_000;
const LIMIT_MS = 600_000;

const place = (/** @type {string} */ name) => fileURLToPath(new URL(`../pool/${name}`, import.meta.url));

/** @param {import('../bench.js').Bench & { piscina?: string }} bench */
export async function poolLibrary(bench) {
  const rivals = rivalsIn(bench);
  const ours = rivals.filter(({ name }) => name === OURS);
  const size = bench.quick ? 0.05 : 1;
  const rate = (/** @type {Rival} */ { command }, chunk, count) =>
    numberOf([...command, `${chunk}`, `${count * size}`]).then((value) => ({
      values: { rate: value },
      flaws: [],
    }));
  const kept = (how) => numberOf([process.execPath, place('memory.mjs'), how, `${MANY_TASKS * size}`]);
  const measured = {
    'tasks one by one': await inTurn(bench, { title: 'tasks of libraries', tools: rivals }, (rival) =>
      rate(rival, 1, SINGLE_TASKS),
    ),
    // Piscina has no chunks.
    'chunks of 100': await inTurn(
      bench,
      { title: 'chunks of libraries', tools: rivals.filter(({ name }) => name !== PISCINA) },
      (rival) => rate(rival, 100, CHUNKED_TASKS),
    ),
    memory: await inTurn(bench, { title: 'memory of many tasks', tools: ours, rounds: 1 }, async () => ({
      values: { imap: await kept('imap'), map: await kept('map') },
      flaws: [],
    })),
  };
  const row = (section, better, label, against, from, key) =>
    figure({ section, label, better, against }, measured[from], key);
  const many = (MANY_TASKS * size).toLocaleString('en');
  const tasks = 'Tasks of a library pool, 1/s';
  const memory = 'Memory of a library pool over that of the empty one, MB';
  return {
    figures: [
      row(
        tasks,
        'more',
        'chunk 1',
        rivals.some(({ name }) => name === PISCINA) ? PISCINA : PYTHON,
        'tasks one by one',
        'rate',
      ),
      row(tasks, 'more', 'chunk 100', PYTHON, 'chunks of 100', 'rate'),
      row(memory, 'none', `${many} tasks of \`imap\``, undefined, 'memory', 'imap'),
      row(memory, 'none', `${many} tasks of \`map\`, with their results`, undefined, 'memory', 'map'),
    ],
    notes: Object.entries(measured).flatMap(([label, outcomes]) => notesOn(label, outcomes)),
  };
}

/** @typedef {import('../find-tools.js').Tool & { command: string[] }} Rival  `command` takes chunk and count */

/** Those that are here. @returns {Rival[]} */
function rivalsIn({ piscina }) {
  const python = locate('python3');
  const found = piscina ?? resolved(PISCINA);
  const rate = [process.execPath, place('rate.mjs')];
  const all = [{ name: OURS, command: [...rate, OURS] }];
  if (found) all.push({ name: PISCINA, command: [...rate, found] });
  if (python) {
    all.push({ name: PYTHON, command: [python, place('noop.py'), 'Pool'] });
    all.push({ name: 'ProcessPoolExecutor', command: [python, place('noop.py'), 'ProcessPoolExecutor'] });
  }
  return /** @type {Rival[]} */ (all);
}

function resolved(name) {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch {
    return undefined;
  }
}

/** @param {string[]} command */
async function numberOf([program = '', ...args]) {
  try {
    const { stdout } = await promisify(execFile)(program, args, { env: environment(), timeout: LIMIT_MS });
    return Number(stdout);
  } catch (error) {
    throw new RunFailed(/** @type {Error} */ (error).message);
  }
}
