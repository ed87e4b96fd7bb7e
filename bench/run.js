// npm run bench: procsup beside the tools a user would pick instead, on the same work in turn.
import { writeFileSync } from 'node:fs';
import { findTools } from './find-tools.js';
import { describeMachine } from './machine.js';
import { daemon } from './measures/daemon.js';
import { fleet } from './measures/fleet.js';
import { idle } from './measures/idle.js';
import { latency } from './measures/latency.js';
import { limits } from './measures/limits.js';
import { memory } from './measures/memory.js';
import { output } from './measures/output.js';
import { pipeline } from './measures/pipeline.js';
import { pool } from './measures/pool.js';
import { queue } from './measures/queue.js';
import { readiness } from './measures/readiness.js';
import { restart } from './measures/restart.js';
import { startup } from './measures/startup.js';
import { terminal } from './measures/terminal.js';
import { watch } from './measures/watch.js';
import { readOptions } from './options.js';
import { toJson, toMarkdown } from './report.js';
import { killAllRuns } from './run-tool.js';
import { openWorkshop } from './workshop.js';

const MEASURES = {
  ...{ startup, output, terminal, memory, restart, latency, idle },
  ...{ daemon, pipeline, fleet, readiness, limits, pool, queue, watch },
};

const options = readOptions(Object.keys(MEASURES));
if (process.platform !== 'linux') {
  process.stderr.write('bench: CPU and memory are read from /proc, so it needs Linux\n');
  process.exit(2);
}

const workshop = openWorkshop();
process.once('exit', () => {
  killAllRuns();
  workshop.remove();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));

process.stdout.write(await main());

async function main() {
  const { tools, absent } = findTools(options.tools, options.against);
  if (workshop.limit) tools.push(workshop.limit);
  else absent.push('the C program (no C compiler)');

  const { figures, notes } = await measureAll({ ...options, tools, workshop, say });
  say('');
  const compiled = workshop.limit !== undefined;
  const { rounds, quick } = options;
  const results = {
    machine: describeMachine(),
    tools,
    absent,
    options: { rounds, quick },
    compiled,
    figures,
    notes,
  };
  if (options.json) writeFileSync(options.json, toJson(results));
  return toMarkdown(results);
}

async function measureAll(bench) {
  const chosen = Object.entries(MEASURES).filter(
    ([name]) => !options.only.length || options.only.includes(name),
  );
  const all = [];
  for (const [, measure] of chosen) all.push(await measure(bench));
  return { figures: all.flatMap(({ figures }) => figures), notes: all.flatMap(({ notes }) => notes) };
}

/** Progress: one line that is written over on a terminal. */
function say(text) {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : text && `${text}\n`);
}
