// The temporary directory of a bench: the compiled programs, and a directory for each run.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LIMIT } from './tools.js';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * @typedef {object} Workshop
 * @property {string} dir
 * @property {string[]} writer  the command of writer.c, or of its stand-in
 * @property {string[]} reader
 * @property {import('./find-tools.js').Tool | undefined} limit  the C program as a tool
 * @property {() => string} newRunDir
 * @property {() => void} remove
 */

/** @returns {Workshop} */
export function openWorkshop() {
  const dir = mkdtempSync(join(tmpdir(), 'procsup-bench-'));
  let runs = 0;
  const prefix = compile(dir, 'prefix');
  return {
    dir,
    writer: compile(dir, 'writer') ?? ['node', join(here, 'writer.js')],
    reader: compile(dir, 'reader') ?? ['node', join(here, 'reader.js')],
    limit: prefix && limitAt(prefix[0]),
    newRunDir() {
      const run = join(dir, `run-${(runs += 1)}`);
      mkdirSync(run);
      return run;
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** @returns {import('./find-tools.js').Tool} */
function limitAt(program) {
  return { name: LIMIT, program, version: [], release: '', start: ({ procfile }) => [procfile] };
}

/** @returns {string[] | undefined} the command; nothing without a C compiler */
function compile(dir, name) {
  const made = join(dir, name);
  const { status } = spawnSync('cc', ['-O2', '-o', made, join(here, `${name}.c`)], { timeout: 60_000 });
  return status === 0 ? [made] : undefined;
}
