// What it costs to have a daemon, and how soon it answers. No other tool takes part: a bare Node is the floor of what a
// command of ours can take.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inTurn, quantile } from '../bench.js';
import { run, withDaemon } from '../daemon.js';
import { environment } from '../environment.js';
import { figure, notesOn } from '../figures.js';
import { cpuSeconds, cpuSecondsOfLiving, familyOf, peakMegabytes, residentMegabytes } from '../proc.js';
import { nowNs } from '../run-tool.js';
import { floods } from './output.js';

const SECTION = 'The daemon';
const BARE = 'node -e 0';
const QUIET = 20;
const MANY = 100;
const SOME = 5;
const WRITERS = 4;
const REQUESTS = 500;
const PAUSE_MS = 2;
const COMMANDS = 5;
const ENDLESS = 1e6;

/** @type {import('../find-tools.js').Tool} */
const bareNode = { name: BARE, program: 'node', version: [], release: '', start: () => ['-e', '0'] };

/**
 * One row or more of one measurement.
 * @typedef {{ key: string, label: string, better: 'more' | 'less' | 'none' }} Row
 */

/** @param {import('../bench.js').Bench} bench */
export async function daemon(bench) {
  const found = [];
  for (const part of [commandLine, quietly, whileFlooded, starting, sampling, blocks, lineByLine]) {
    found.push(await part(bench));
  }
  return {
    figures: found.flatMap(({ rows, outcomes }) =>
      rows.map(({ key, label, better }) => figure({ section: SECTION, label, better }, outcomes, key)),
    ),
    notes: found.flatMap(({ outcomes }) => notesOn('daemon', outcomes)),
  };
}

const less = (key, label) => ({ key, label, better: /** @type {const} */ ('less') });
const sleepers = (count) => () =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, 'exec sleep 100000']));
const ours = (bench) => bench.tools.slice(0, 1);
const middle = (numbers) => quantile(numbers, 0.5);

/** `procsup ps` and a bare Node in turn, beside a daemon that lives through all rounds. */
async function commandLine(bench) {
  const outcomes = await withDaemon(bench, sleepers(QUIET), (daemon) =>
    inTurn(bench, { title: 'daemon, ps', tools: [bareNode, ...ours(bench)] }, async (tool) => {
      const took = [];
      for (let at = 0; at < COMMANDS; at += 1) {
        const began = nowNs();
        if (tool === bareNode)
          await run('node', ['-e', '0'], { cwd: bench.workshop.dir, env: environment() });
        else await daemon.cli('ps');
        took.push((nowNs() - began) / 1e6);
      }
      return { values: { ps: middle(took) }, flaws: [] };
    }),
  );
  const floor = middle(outcomes.get(BARE)?.samples.map(({ values }) => values.ps) ?? []);
  for (const { samples } of outcomes.values())
    for (const { values } of samples) values.over = values.ps - floor;
  const over = {
    key: 'over',
    label: 'the same, over `node -e 0`, ms',
    better: /** @type {const} */ ('none'),
  };
  return { rows: [less('ps', `\`procsup ps\` on ${QUIET} processes, ms`), over], outcomes };
}

async function quietly(bench) {
  const outcomes = await inTurn(bench, { title: 'daemon, quiet', tools: ours(bench) }, () =>
    withDaemon(bench, sleepers(QUIET), async (daemon) => {
      const values = await latencies(daemon);
      const restarts = await restartTimes(daemon);
      const memory = residentMegabytes([daemon.pid]);
      const guardian = residentMegabytes([guardianOf(daemon.pid)]);
      return { values: { ...values, ...restarts, memory, guardian }, flaws: [] };
    }),
  );
  return {
    rows: [
      ...latencyRows('idle'),
      less('restartApi', '`restart` of a process that stops at once: asked by a warm client, ms'),
      less('restartCli', 'the same by the command line, ms'),
      less('memory', `memory with ${QUIET} quiet processes, MB`),
      less('guardian', 'memory of its guardian, MB'),
    ],
    outcomes,
  };
}

async function whileFlooded(bench) {
  const flood = (child) => floods(child, WRITERS, 65_536, ENDLESS, 1e15);
  const outcomes = await inTurn(bench, { title: 'daemon, flooded', tools: ours(bench) }, () =>
    withDaemon(bench, flood, async (daemon) => {
      await daemon.marked('ready', WRITERS);
      daemon.openGate();
      await sleep(1000);
      return { values: await latencies(daemon), flaws: [] };
    }),
  );
  return { rows: latencyRows(`while ${WRITERS} processes flood the log`), outcomes };
}

async function starting(bench) {
  const outcomes = await inTurn(bench, { title: 'daemon, start', tools: ours(bench) }, () =>
    withDaemon(bench, sleepers(SOME), (daemon) =>
      Promise.resolve({ values: { start: daemon.startMs }, flaws: [] }),
    ),
  );
  return { rows: [less('start', `\`start -d\` of ${SOME} processes until it returns, ms`)], outcomes };
}

/** Beside itself without a watcher: what `stats` costs and nothing else. */
async function sampling(bench) {
  const seconds = bench.quick ? 3 : 10;
  const outcomes = await inTurn(bench, { title: 'daemon, sampling', tools: ours(bench) }, () =>
    withDaemon(bench, sleepers(MANY), async (daemon) => {
      await sleep(1000);
      const unwatched = await cpuOver(daemon, seconds);
      const leave = daemon.follow('/v1/stats');
      await sleep(1000);
      const watched = await cpuOver(daemon, seconds);
      leave();
      return { values: { percent: ((watched - unwatched) / seconds) * 100 }, flaws: [] };
    }),
  );
  const label = `\`stats\` of ${MANY} processes once a second, % of a core`;
  return { rows: [{ key: 'percent', label, better: /** @type {const} */ ('none') }], outcomes };
}

const blocks = (bench) => throughput(bench, 65_536, 'blocks of 64 KiB');
const lineByLine = (bench) => throughput(bench, 80, 'line by line');

async function throughput(bench, block, what) {
  const seconds = bench.quick ? 1 : 3;
  const flood = (child) => floods(child, WRITERS, block, seconds, 1e15);
  const outcomes = await inTurn(bench, { title: `daemon, ${what}`, tools: ours(bench) }, () =>
    withDaemon(bench, flood, async (daemon) => {
      await daemon.marked('ready', WRITERS);
      const cpuBefore = cpuSeconds([daemon.pid]);
      const began = daemon.openGate();
      const done = await daemon.marked('done', WRITERS);
      const tookSeconds = (Math.max(...done.map(({ atNs }) => atNs)) - began) / 1e9;
      const bytes = done.reduce((sum, { lines }) => sum + lines * 80, 0);
      const cpu = cpuSeconds([daemon.pid]) - cpuBefore;
      const logs = [];
      for (let at = 0; at < COMMANDS; at += 1) logs.push(await daemon.cli('logs', '-n', '100'));
      const values = {
        speed: bytes / 1e6 / tookSeconds,
        cpu: cpu / (bytes / 1e9),
        peak: peakMegabytes([daemon.pid]),
        logs: middle(logs),
      };
      return { values, flaws: [] };
    }),
  );
  return {
    rows: [
      {
        key: 'speed',
        label: `${WRITERS} writers into log files, ${what}, MB/s`,
        better: /** @type {const} */ ('more'),
      },
      less('cpu', 'CPU-s/GB'),
      less('peak', 'peak memory, MB'),
      less('logs', '`logs -n 100` afterwards, ms'),
    ],
    outcomes,
  };
}

const guardianOf = (daemon) =>
  familyOf(daemon)
    .map(({ pid }) => pid)
    .find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('procsup-guardian')) ?? 0;

async function cpuOver({ pid }, seconds) {
  const before = cpuSecondsOfLiving([pid]);
  await sleep(seconds * 1000);
  return cpuSecondsOfLiving([pid]) - before;
}

const PATHS = { processes: '/v1/processes', supervisor: '/v1/supervisor' };

async function latencies(daemon) {
  const values = {};
  for (const [name, path] of Object.entries(PATHS)) {
    const took = [];
    for (let at = -20; at < REQUESTS; at += 1) {
      const ms = await daemon.ask('GET', path);
      if (at >= 0) took.push(ms);
      await sleep(PAUSE_MS);
    }
    Object.assign(values, { [`${name}50`]: middle(took), [`${name}99`]: quantile(took, 0.99) });
  }
  return values;
}

const latencyRows = (when) =>
  Object.entries(PATHS).flatMap(([name, path]) => [
    less(`${name}50`, `\`${path}\` for a warm client, ${when}, ms: median`),
    less(`${name}99`, 'p99'),
  ]);

async function restartTimes(daemon) {
  const api = [];
  const cli = [];
  for (let at = 0; at < COMMANDS; at += 1) {
    api.push(await daemon.ask('POST', '/v1/restart', { names: ['p0'] }));
    cli.push(await daemon.cli('restart', 'p1'));
  }
  return { restartApi: middle(api), restartCli: middle(cli) };
}
