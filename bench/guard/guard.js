// `npm run bench -- --guard`: this build beside an earlier one, by counts that do not depend on what else the machine does, and
// by its output beside that of the C program. For people: it says what has become dearer, and ends with 0 all the same.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from '../bench.js';
import { CASES, countCase } from './cases.js';
import { chooseCounter } from './counters.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** More than that is told. */
const NOTABLE = 1.1;

/**
 * @param {{ earlier: string, say: (text: string) => void, ratiosToC: () => Promise<Row[]> }} given  the directory of the other build
 * @returns {Promise<string>} the table
 * @typedef {{ name: string, unit: string, before: number, now: number, better?: 'more' | 'less' }} Row
 */
export async function guard({ earlier, say, ratiosToC }) {
  const counter = await chooseCounter();
  /** @type {Row[]} */
  const rows = [];
  for (const one of CASES) {
    /** @type {{ before: number[], now: number[] }} */
    const counts = { before: [], now: [] };
    for (let round = 0; round < counter.rounds; round += 1) {
      for (const [side, build] of /** @type {const} */ ([
        ['before', earlier],
        ['now', root],
      ])) {
        say(`${one.name}: ${side}, round ${round + 1} of ${counter.rounds}`);
        const bin = join(build, 'bin', 'procsup.js');
        counts[side].push(await inScratch((dir) => countCase(one, bin, dir, counter)));
      }
    }
    rows.push({ name: one.name, unit: counter.unit, before: median(counts.before), now: median(counts.now) });
  }
  return table([...rows, ...(await ratiosToC())]);
}

/** @template T @param {(dir: string) => Promise<T>} body @returns {Promise<T>} */
async function inScratch(body) {
  const dir = mkdtempSync(join(tmpdir(), 'procsup-guard-'));
  try {
    return await body(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** @param {Row[]} rows */
function table(rows) {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(({ name, unit, before, now, better = 'less' }) => {
    const ratio = now / before;
    const worse = (better === 'less' ? ratio : 1 / ratio) > NOTABLE;
    return `${name.padEnd(width)}  ${short(before)}  ${short(now)}  ${ratio.toFixed(2)}x  ${unit}${worse ? '  WORSE' : ''}`;
  });
  const worse = lines.filter((line) => line.endsWith('WORSE')).length;
  return [
    `${''.padEnd(width)}   earlier       now`,
    ...lines,
    worse
      ? `${worse} of ${lines.length} got worse by more than 10 %.`
      : 'Nothing got worse by more than 10 %.',
    '',
  ].join('\n');
}

const short = (/** @type {number} */ value) => value.toPrecision(4).padStart(8);
