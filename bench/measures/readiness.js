// How long it is from the moment at which a client gets a right answer until procsup has told that the process is ready,
// and what many processes cost whose checks have ended. Of the current build only.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inTurn, median, quantile } from '../bench.js';
import { run } from '../daemon.js';
import { environment } from '../environment.js';
import { figure, notesOn } from '../figures.js';
import { cpuSeconds } from '../proc.js';
import { RunFailed } from '../run-tool.js';

const SECTION = 'Readiness: from the first right answer until told, ms';
const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), '..', 'becomes-ready.js');
const FIRST_PORT = 21_700;
const PATIENCE_MS = 60_000;
const MANY = 200;

/** By kind: its check, on this port. */
const CHECKS = {
  listening: (port) => ({ listening: port }),
  tcp: (port) => ({ tcp: port }),
  http: () => ({ http: '/' }),
  log: () => ({ log: '^ready in' }),
  notify: () => ({ notify: true }),
  fd: () => ({ fd: 3 }),
};

/** @param {import('../bench.js').Bench} bench */
export async function readiness(bench) {
  const tools = bench.tools.slice(0, 1);
  const count = bench.quick ? 4 : 12;
  const figures = [];
  const notes = [];
  for (const kind of Object.keys(CHECKS)) {
    const outcomes = await inTurn(bench, { title: `readiness: ${kind}`, tools }, ({ program }) =>
      tellsOf(bench, program, kind, count),
    );
    for (const [label, key] of [
      ['median', 'p50'],
      ['p95', 'p95'],
    ]) {
      figures.push(figure({ section: SECTION, label: `${kind}, ${label}`, better: 'less' }, outcomes, key));
    }
    notes.push(...notesOn(`readiness: ${kind}`, outcomes));
  }
  const outcomes = await inTurn(bench, { title: 'readiness: many', tools, rounds: 1 }, ({ program }) =>
    costOf(bench, program),
  );
  const label = `${MANY} with checks once ready, CPU ms in 10 s`;
  figures.push(figure({ section: 'Readiness: cost', label, better: 'none' }, outcomes, 'cpu'));
  return { figures, notes: [...notes, ...notesOn('readiness: many', outcomes)] };
}

/** One after the other, half a second apart at least: it is not the machine's load that is to be measured. */
async function tellsOf(bench, program, kind, count) {
  const processes = Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const port = FIRST_PORT + index;
      const after = 500 + index * 300;
      const command = `node ${PROGRAM} ${kind} . p${index}.1 ${after} ${port}`;
      return [`p${index}`, { command, environment: { PORT: String(port) }, ready: CHECKS[kind](port) }];
    }),
  );
  return withProcesses(bench, program, processes, async ({ dir, ready }) => {
    const told = await ready(count);
    const first = readFileSync(join(dir, 'first-answers'), 'utf8').trim().split('\n');
    const gaps = first.map((line) => {
      const [name = '', atMs] = line.split(' ');
      return (told.get(name) ?? NaN) - Number(atMs);
    });
    const early = gaps.filter((gap) => gap < -1);
    const flaws = early.length
      ? [{ what: 'tells it too early', detail: `by ${-Math.min(...early)} ms` }]
      : [];
    return { values: { p50: median(gaps), p95: quantile(gaps, 0.95) }, flaws };
  });
}

async function costOf(bench, program) {
  const processes = Object.fromEntries(
    Array.from({ length: MANY }, (_, index) => [
      `p${index}`,
      { command: 'echo up; exec sleep 1000', ready: [{ log: '^up' }, { exec: 'true' }] },
    ]),
  );
  return withProcesses(bench, program, processes, async ({ pid, ready }) => {
    await ready(MANY);
    await sleep(1000);
    const before = cpuSeconds([pid]);
    await sleep(10_000);
    return { values: { cpu: (cpuSeconds([pid]) - before) * 1000 }, flaws: [] };
  });
}

async function withProcesses(bench, program, processes, body) {
  const dir = bench.workshop.newRunDir();
  for (const name of ['state', 'run']) mkdirSync(join(dir, name), { mode: 0o700 });
  const env = { ...environment(), XDG_STATE_HOME: join(dir, 'state'), XDG_RUNTIME_DIR: join(dir, 'run') };
  const ask = (...args) =>
    spawnSync(program, args, { cwd: dir, env, encoding: 'utf8', timeout: 60_000 }).stdout;
  writeFileSync(join(dir, 'procsup.yaml'), JSON.stringify({ processes }));
  try {
    await run(program, ['start', '-d', '--timeout', '1s'], { cwd: dir, env });
    const [{ pid }] = JSON.parse(ask('ls', '--json'));
    /** When each was told to be ready, by its name. */
    const ready = async (count) => {
      for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(200)) {
        const events = ask('events', '--json')
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line));
        const told = events
          .filter(({ event }) => event === 'ready')
          .map(({ name, time }) => [name, Date.parse(time)]);
        if (told.length >= count) return new Map(told);
      }
      throw new RunFailed(`not all were ready within ${PATIENCE_MS / 1000} s`);
    };
    return await body({ dir, pid, ready });
  } finally {
    ask('down');
    rmSync(dir, { recursive: true, force: true });
  }
}
