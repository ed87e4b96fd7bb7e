// How long it is from the moment at which a client gets a right answer until procsup has told that the process is ready,
// what many processes cost whose checks have ended, and a chain of processes that wait for each other. Of the current build
// only, but for the start without procsup.yaml, which is held against that of --against.
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inTurn, median, quantile } from '../bench.js';
import { figure, notesOn } from '../figures.js';
import { cpuSeconds } from '../proc.js';
import { RunFailed } from '../run-tool.js';
import { withProcesses } from '../with-processes.js';
import { dependents } from './dependents.js';
import { wholeRun } from './startup.js';

const SECTION = 'Readiness: from the first right answer until told, ms';
const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), '..', 'becomes-ready.js');
const FIRST_PORT = 21_700;
/** In the order of their names, one becomes ready after the other. */
const APART_MS = 150;
/** Enough for all of them to have started on a busy machine: Node takes a while. */
const FIRST_MS = 3000;
const IDLE_SECONDS = 10;
/** What has just been started is over. */
const SETTLE_MS = 2000;
/** Starts are short, and what is to be found is a difference of 2 %. */
const STARTS = 30;
const MANY = 200;
const CHAIN = 1000;

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
  const parts = [await tells(bench), await dependents(bench), await cost(bench), await starts(bench)];
  return { figures: parts.flatMap(({ figures }) => figures), notes: parts.flatMap(({ notes }) => notes) };
}

async function tells(bench) {
  const tools = bench.tools.slice(0, 1);
  const [count, rounds] = bench.quick ? [4, 1] : [20, Math.min(2, bench.rounds)];
  const figures = [];
  const notes = [];
  for (const kind of Object.keys(CHECKS)) {
    const title = `readiness: ${kind}`;
    const outcomes = await inTurn(bench, { title, tools, rounds }, ({ program }) =>
      tellsOf(bench, program, kind, count),
    );
    for (const [label, key] of [
      ['median', 'p50'],
      ['p95', 'p95'],
    ]) {
      figures.push(figure({ section: SECTION, label: `${kind}, ${label}`, better: 'none' }, outcomes, key));
    }
    notes.push(...notesOn(title, outcomes));
  }
  return { figures, notes };
}

async function cost(bench) {
  const tools = bench.tools.slice(0, 1);
  const section = 'Readiness: CPU of the supervisor';
  const many = await inTurn(bench, { title: 'readiness: many', tools, rounds: 1 }, ({ program }) =>
    costOf(bench, program),
  );
  const waiting = await inTurn(bench, { title: 'readiness: waiting', tools, rounds: 1 }, ({ program }) =>
    waitingOf(bench, program),
  );
  const rounds = Math.min(2, bench.rounds);
  const chain = await inTurn(bench, { title: 'readiness: chain', tools, rounds }, ({ program }) =>
    chainOf(bench, program),
  );
  const row = (label, outcomes, key) => figure({ section, label, better: 'none' }, outcomes, key);
  return {
    figures: [
      row(`${MANY} with checks, once ready: percent of a core`, many, 'percent'),
      row('the same: checks run after ready', many, 'late'),
      row(`${MANY} whose port nobody opens: percent of a core`, waiting, 'percent'),
      row(`${chainLength(bench)} that wait for each other: ms for each`, chain, 'chained'),
      row('the same without depends_on: ms for each', chain, 'loose'),
      row('the wait itself, which is the difference: ms for each', chain, 'wait'),
    ],
    notes: [
      ...notesOn('readiness: many', many),
      ...notesOn('readiness: waiting', waiting),
      ...notesOn('readiness: chain', chain),
    ],
  };
}

async function starts(bench) {
  const [ours] = bench.tools;
  const earlier = bench.tools.filter(({ name }) => name === 'earlier');
  const rounds = bench.quick || !earlier.length ? 3 : STARTS;
  const outcomes = await inTurn(
    bench,
    { title: 'readiness: start', tools: [ours, ...earlier], rounds },
    async (tool) => ({ values: { whole: await wholeRun(bench, tool) }, flaws: [] }),
  );
  const row = { section: 'Start without procsup.yaml, ms', label: 'whole run of `a: true`', better: 'less' };
  return { figures: [figure(row, outcomes, 'whole')], notes: notesOn('readiness: start', outcomes) };
}

/** @returns {Promise<import('../bench.js').Sample>} */
async function tellsOf(bench, program, kind, count) {
  const processes = Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const port = FIRST_PORT + index;
      const command = `node ${PROGRAM} ${kind} . p${index}.1 ${FIRST_MS + index * APART_MS} ${port}`;
      return [`p${index}`, { command, environment: { PORT: String(port) }, ready: CHECKS[kind](port) }];
    }),
  );
  return withProcesses(bench, program, processes, ({ dir, told }) => {
    const at = told();
    const first = readFileSync(join(dir, 'first-answers'), 'utf8').trim().split('\n');
    const gaps = first.map((line) => {
      const [name = '', atMs] = line.split(' ');
      return (at.get(name) ?? NaN) - Number(atMs);
    });
    if (gaps.length < count || gaps.some(Number.isNaN)) throw new RunFailed('not all were told to be ready');
    const early = gaps.filter((gap) => gap < -1);
    const flaws = early.length
      ? [{ what: 'tells it too early', detail: `by ${-Math.min(...early)} ms` }]
      : [];
    return { values: { p50: median(gaps), p95: quantile(gaps, 0.95) }, flaws };
  });
}

/** Each check notes that it has run: what is noted after ready is a flaw. */
async function costOf(bench, program) {
  const processes = Object.fromEntries(
    Array.from({ length: MANY }, (_, index) => [
      `p${index}`,
      { command: 'echo up; exec sleep 1000', ready: [{ log: '^up' }, { exec: 'echo >> checks' }] },
    ]),
  );
  return withProcesses(bench, program, processes, async ({ dir, pid }) => {
    await sleep(1000);
    const checks = () => statSync(join(dir, 'checks')).size;
    const [before, run] = [cpuSeconds([pid]), checks()];
    await sleep(IDLE_SECONDS * 1000);
    const late = checks() - run;
    return {
      values: { percent: ((cpuSeconds([pid]) - before) / IDLE_SECONDS) * 100, late },
      flaws: late ? [{ what: 'checks what is ready', detail: `${late} times` }] : [],
    };
  });
}

/** From a moment on at which all of them have been started. */
async function waitingOf(bench, program) {
  const processes = Object.fromEntries(
    Array.from({ length: MANY }, (_, index) => [
      `p${index}`,
      { command: 'exec sleep 1000', environment: { PORT: String(FIRST_PORT) }, ready: { tcp: FIRST_PORT } },
    ]),
  );
  const percentOf = async ({ pid }) => {
    await sleep(SETTLE_MS);
    const before = cpuSeconds([pid]);
    await sleep(IDLE_SECONDS * 1000);
    return { values: { percent: ((cpuSeconds([pid]) - before) / IDLE_SECONDS) * 100 }, flaws: [] };
  };
  return withProcesses(bench, program, processes, percentOf, ['--no-wait']);
}

const chainLength = ({ quick }) => (quick ? 100 : CHAIN);

/** From the start of the supervisor until all are ready: reading the file, planning and starting included. */
async function chainOf(bench, program) {
  const count = chainLength(bench);
  const cpuForEach = (isChain) => {
    const processes = Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `p${index}`,
        {
          command: 'echo up; exec sleep 1000',
          ready: { log: '^up' },
          // The ports that are given would not do for so many.
          environment: { PORT: String(FIRST_PORT) },
          ...(isChain && index > 0 && { depends_on: [`p${index - 1}`] }),
        },
      ]),
    );
    return withProcesses(bench, program, processes, ({ pid }) => (cpuSeconds([pid]) * 1000) / count);
  };
  const [loose, chained] = [await cpuForEach(false), await cpuForEach(true)];
  return { values: { chained, loose, wait: chained - loose }, flaws: [] };
}
