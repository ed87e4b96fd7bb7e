// Which of the tools are here, and in which version.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { environment } from './environment.js';
import { ADAPTERS, earlier } from './tools.js';

/**
 * An adapter whose program is here.
 * @typedef {import('./tools.js').Adapter & { program: string, release: string }} Tool
 */

/**
 * @param {string[]} wanted names; empty: all
 * @param {string | undefined} against  directory of another build of procsup
 * @returns {{ tools: Tool[], absent: string[] }} in the order of the table, and what was skipped and why
 */
export function findTools(wanted, against) {
  const tools = [];
  const absent = [];
  const chosen = ADAPTERS.filter(({ name }, i) => i === 0 || !wanted.length || wanted.includes(name));
  for (const adapter of against === undefined ? chosen : [...chosen, earlier(against)]) {
    const program = locate(adapter.program ?? adapter.name);
    const release = program && (adapter.version ? versionOf(program, adapter) : '');
    if (!program) absent.push(`${adapter.name} (not on PATH)`);
    else if (release === undefined) absent.push(`${adapter.name} (does not say its version)`);
    else tools.push({ ...adapter, program, release });
  }
  return { tools, absent };
}

/** @param {string} program @returns {string | undefined} where it is, if it is here */
export function locate(program) {
  if (isAbsolute(program)) return isExecutable(program) ? program : undefined;
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .map((dir) => join(dir, program))
    .find(isExecutable);
  return found && behindShim(found, program);
}

/** pyenv puts a shell script before the program that costs more than the program's own start. */
function behindShim(found, program) {
  if (!found.includes('/shims/')) return found;
  const { status, stdout } = spawnSync('pyenv', ['which', program], { encoding: 'utf8', timeout: 10_000 });
  return status === 0 ? stdout.trim() : found;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function versionOf(program, { version, versionIn = /(\d+(?:\.\d+)+\S*|\b\d{8}\b)/ }) {
  const options = /** @type {const} */ ({ encoding: 'utf8', timeout: 10_000, env: environment() });
  const { status, stdout, stderr } = spawnSync(program, version, options);
  if (status !== 0) return undefined;
  return versionIn.exec(stdout + stderr)?.[1] ?? versionOfGoModule(program) ?? 'unknown';
}

/** Programs of Go contain from which version of their module they were built. */
function versionOfGoModule(program) {
  return /\nmod\t\S+\tv(\d[\w.+-]*)/.exec(readFileSync(program, 'latin1'))?.[1];
}
