// How long it is from the moment at which a client gets a right answer until a process that waits for that runs: procsup and
// process-compose, which is the only other tool that checks. Each dependent is a shell that asks date(1) for the time, which is in the
// figures of both.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inTurn, median, quantile } from '../bench.js';
import { environment } from '../environment.js';
import { figure, notesOn } from '../figures.js';
import { RunFailed } from '../run-tool.js';

const SECTION = 'Readiness: from the first right answer until a dependent runs, ms';
const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), '..', 'becomes-ready.js');
/** What process-compose can check as well; it has no check of a TCP port. */
const KINDS = ['http', 'log'];
const FIRST_PORT = 21_900;
const APART_MS = 150;
/** Enough for all of them to have started on a busy machine. */
const FIRST_MS = 3000;
const PATIENCE_MS = 90_000;
const LOOK_MS = 50;

/**
 * A process and one that waits until it is ready.
 * @typedef {{ name: string, command: string, kind: string, port: number, dependent: string, waiting: string }} Pair
 */

/** @param {import('../bench.js').Bench} bench */
export async function dependents(bench) {
  const tools = bench.tools.filter((tool) => tool.pairs && tool.name !== 'earlier');
  const [count, rounds] = bench.quick ? [4, 1] : [20, Math.min(2, bench.rounds)];
  const figures = [];
  const notes = [];
  for (const kind of KINDS) {
    const title = `dependents: ${kind}`;
    const outcomes = await inTurn(bench, { title, tools, rounds }, (tool) =>
      runPairs(bench, tool, kind, count),
    );
    for (const [label, key] of [
      ['median', 'p50'],
      ['p95', 'p95'],
    ]) {
      figures.push(figure({ section: SECTION, label: `${kind}, ${label}`, better: 'less' }, outcomes, key));
    }
    notes.push(...notesOn(title, outcomes));
  }
  return { figures, notes };
}

/** @returns {Promise<import('../bench.js').Sample>} */
async function runPairs(bench, tool, kind, count) {
  const dir = bench.workshop.newRunDir();
  for (const name of ['state', 'run']) mkdirSync(join(dir, name), { mode: 0o700 });
  const env = { ...environment(), XDG_STATE_HOME: join(dir, 'state'), XDG_RUNTIME_DIR: join(dir, 'run') };
  const output = openSync(join(dir, 'output'), 'w');
  const args = tool.pairs(
    dir,
    Array.from({ length: count }, (_, index) => pairOf(kind, index)),
  );
  const child = spawn(tool.program, args, { cwd: dir, env, stdio: ['ignore', output, output] });
  closeSync(output);
  const exited = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  try {
    const started = await linesOf(join(dir, 'dependents'), count, child);
    const ready = await linesOf(join(dir, 'first-answers'), count, child);
    const gaps = [...started].map(([name, at]) => at - (ready.get(name) ?? NaN));
    if (gaps.some(Number.isNaN)) throw new RunFailed('a dependent runs, and what it needs was never ready');
    const early = gaps.filter((gap) => gap < -1);
    const flaws = early.length
      ? [{ what: 'starts dependents too early', detail: `by ${-Math.min(...early)} ms` }]
      : [];
    return { values: { p50: median(gaps), p95: quantile(gaps, 0.95) }, flaws };
  } finally {
    child.kill('SIGTERM');
    await exited;
    rmSync(dir, { recursive: true, force: true });
  }
}

/** @returns {Pair} */
function pairOf(kind, index) {
  const port = FIRST_PORT + index;
  const name = `p${index}`;
  const command = `exec node ${PROGRAM} ${kind} . ${name} ${FIRST_MS + index * APART_MS} ${port}`;
  const waiting = `echo ${name} $(date +%s%3N) >> dependents; exec sleep 1000`;
  return { name, command, kind, port, dependent: `d${index}`, waiting };
}

/** Of a file to which each process adds a line with its name and a time. */
async function linesOf(path, count, child) {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(LOOK_MS)) {
    const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
    if (lines.length === count)
      return new Map(lines.map((line) => line.split(' ')).map(([name, at]) => [name, Number(at)]));
    if (child.exitCode !== null) break;
  }
  throw new RunFailed('not all dependents were started');
}
