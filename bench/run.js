// npm run bench: procsup beside the tools a user would pick instead, on the same work in turn.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { findTools } from './find-tools.js';
import { guard } from './guard/guard.js';
import { outputBesideC } from './guard/output-beside-c.js';
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
import { task } from './measures/task.js';
import { startup } from './measures/startup.js';
import { terminal } from './measures/terminal.js';
import { watch } from './measures/watch.js';
import { readOptions } from './options.js';
import { withBlock } from './published.js';
import { toBlock, toJson, toMarkdown } from './report.js';
import { killAllRuns } from './run-tool.js';
import { buildCommitted } from './source.js';
import { openWorkshop } from './workshop.js';

const MEASURES = {
  ...{ startup, output, terminal, memory, restart, latency, idle },
  ...{ daemon, pipeline, fleet, readiness, limits, pool, queue, watch, task },
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
  if (options.guard) return guardAgainst(options.against);
  const commit = options.markdown && buildCommitted();
  const { tools, absent } = findTools(options.tools, options.against);
  if (workshop.limit) tools.push(workshop.limit);
  else absent.push('the C program (no C compiler)');
  const { rounds, quick } = options;
  const compiled = workshop.limit !== undefined;
  const common = { tools, absent, options: { rounds, quick }, compiled };

  const all = { ...common, machine: describeMachine(), figures: [], notes: [] };
  for (const [name, measure] of Object.entries(MEASURES)) {
    if (options.only.length && !options.only.includes(name)) continue;
    const machine = describeMachine();
    const { figures, notes } = await measure({ ...options, tools, workshop, say });
    all.figures.push(...figures);
    all.notes.push(...notes);
    if (commit) publish(name, commit, toBlock({ ...common, machine, figures, notes }, commandFor(name)));
  }
  say('');
  if (options.json) writeFileSync(options.json, toJson(all));
  return toMarkdown(all);
}

/** At once: the figures of an hour must not depend on the last measure. */
function publish(measure, commit, text) {
  const document = existsSync(options.markdown) ? readFileSync(options.markdown, 'utf8') : '# Benchmarks\n';
  writeFileSync(options.markdown, withBlock(document, { measure, commit }, text));
}

/** How a reader takes these figures again. */
function commandFor(measure) {
  return [
    `npm run bench -- --only ${measure} --rounds ${options.rounds}`,
    ...(options.tools.length ? [`--tools ${options.tools.join(',')}`] : []),
    ...(options.against ? ['--against DIR'] : []),
  ].join(' ');
}

async function guardAgainst(earlier) {
  const ratiosToC = () => outputBesideC({ ...options, workshop, say }, earlier);
  const table = await guard({ earlier, say, ratiosToC });
  say('');
  return table;
}

/** Progress: one line that is written over on a terminal. */
function say(text) {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : text && `${text}\n`);
}
