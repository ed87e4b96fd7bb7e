// Watchers of a large directory: what they cost until they are ready, and what they miss; and of `start` with a watch the time
// from a save until the successor runs.
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { inTurn, quantile } from '../bench.js';
import { environment } from '../environment.js';
import { figure, notesOn } from '../figures.js';
import { residentMegabytes } from '../proc.js';
import { RunFailed } from '../run-tool.js';
import { OURS } from '../tools.js';
import { makeTree } from '../watch/make-tree.mjs';

const FILES = 15_000;
const DIRECTORIES = 3_166;
const SAVES = 20;
const DEBOUNCE_MS = 200;
const FIRST_PASS_MS = 20_000;
const LIMIT_MS = 120_000;
const CHOKIDAR = 'chokidar';

const place = (/** @type {string} */ name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** @param {import('../bench.js').Bench & { chokidar?: string, parcel?: string }} bench */
export async function watch(bench) {
  // Not below a temporary directory: there some file systems have no disk.
  const root = join(homedir(), '.cache', `procsup-bench-${process.pid}`);
  const remove = () => rmSync(root, { recursive: true, force: true });
  process.once('exit', remove);
  const module = join(bench.workshop.dir, 'tree.mjs');
  const bundling = { bundle: true, platform: 'node', format: 'esm', logLevel: 'warning' };
  await build({ ...bundling, entryPoints: [place('watch/entry.ts')], outfile: module });
  makeTree(join(root, 'tree'), bench.quick ? 150 : FILES, bench.quick ? 32 : DIRECTORIES);
  const tools = rivalsIn(bench, module);
  const measured = {
    ready: await inTurn(bench, { title: 'watch', tools }, (rival) => untilReady(rival, join(root, 'tree'))),
    fuzz: await inTurn(bench, { title: 'fuzz', tools }, (rival) => fuzz(rival, join(root, 'fuzz'))),
    save: await inTurn(bench, { title: 'save', tools: tools.slice(0, 1), rounds: 1 }, () =>
      saves(join(root, 'tree'), bench.quick ? 3 : SAVES),
    ),
  };
  remove();
  const section = `Watch of ${FILES.toLocaleString('en')} files in ${DIRECTORIES.toLocaleString('en')} directories`;
  const row = (label, from, key, better = 'less') =>
    figure({ section, label, better, against: CHOKIDAR }, measured[from], key);
  return {
    figures: [
      row('CPU until ready, ms', 'ready', 'cpu'),
      row('memory until ready, MB', 'ready', 'memory'),
      row('CPU until the content of all files is known, ms', 'ready', 'knownCpu', 'none'),
      row('memory then, MB', 'ready', 'knownMemory', 'none'),
      row('files missed of 480', 'fuzz', 'missed', 'none'),
      row(`save until it runs again, less ${DEBOUNCE_MS} ms: median, ms`, 'save', 'median', 'none'),
      row('the same, the slowest, ms', 'save', 'most', 'none'),
      row('memory of the whole supervisor then, MB', 'save', 'memory', 'none'),
    ],
    notes: Object.entries(measured).flatMap(([label, outcomes]) => notesOn(label, outcomes)),
  };
}

/** @typedef {import('../find-tools.js').Tool & { modules: string[] }} Rival  `modules`: the file of its package */

/** @returns {Rival[]} ours first */
function rivalsIn({ chokidar = resolved(CHOKIDAR), parcel = resolved('@parcel/watcher') }, module) {
  const way = (name, ...modules) => ({ name, modules });
  return /** @type {Rival[]} */ ([
    way(OURS, module),
    way('fs.watch'),
    ...(chokidar ? [way(CHOKIDAR, fileOf(chokidar))] : []),
    ...(parcel ? [way('@parcel/watcher', fileOf(parcel))] : []),
  ]);
}

/** Of a package, the file that is loaded. */
const fileOf = (/** @type {string} */ place) => createRequire(import.meta.url).resolve(place);

function resolved(name) {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch {
    return undefined;
  }
}

async function untilReady({ name, modules }, directory) {
  const [ready, known] = (await linesOf('watch/ready.mjs', name, directory, ...modules)).map((line) =>
    JSON.parse(line),
  );
  const values = {
    cpu: ready.cpuMs,
    memory: ready.memory / 1e6,
    ...(known && { knownCpu: known.cpuMs, knownMemory: known.memory / 1e6 }),
  };
  return { values, flaws: [] };
}

async function fuzz({ name, modules }, directory) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const [line] = await linesOf('watch/fuzz.mjs', name, directory, ...modules);
  return { values: { missed: Number(line) }, flaws: [] };
}

async function linesOf(script, ...args) {
  try {
    const run = promisify(execFile)(process.execPath, [place(script), ...args], {
      env: environment(),
      timeout: LIMIT_MS,
    });
    return (await run).stdout.trim().split('\n');
  } catch (error) {
    throw new RunFailed(/** @type {Error} */ (error).message);
  }
}

/** Of a program that ends at once when it is asked to. */
async function saves(root, count) {
  const config = `processes:\n  web: { command: exec sleep infinity, watch: { paths: ., debounce: ${DEBOUNCE_MS}ms } }\n`;
  writeFileSync(join(root, 'procsup.yaml'), config);
  const files = Array.from({ length: count + 1 }, (_, at) => join(root, 'd1', `saved-${at}.js`));
  for (const file of files) writeFileSync(file, '');
  const child = spawn(process.execPath, [place('../bin/procsup.js'), 'start', '--timestamps=none'], {
    cwd: root,
    env: environment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (bytes) => (text += bytes));
  const started = async (/** @type {number} */ times, again = (_at) => undefined) => {
    const deadline = performance.now() + LIMIT_MS;
    for (let at = 1; text.split('web.1 started').length - 1 < times; at += 1) {
      if (performance.now() > deadline) throw new RunFailed('it was not restarted');
      if (at % 1000 === 0) again(at);
      await sleep(1);
    }
    return performance.now();
  };
  try {
    await started(1);
    await started(2, (at) => writeFileSync(files[count] ?? '', `first ${at}`));
    // The first pass is over.
    await sleep(FIRST_PASS_MS);
    const times = [];
    for (let at = 0; at < count; at += 1) {
      const before = performance.now();
      const runs = text.split('web.1 started').length - 1;
      // Another file each time: else it would seem to be the program's own.
      writeFileSync(files[at] ?? '', `save ${at}`);
      times.push((await started(runs + 1)) - before - DEBOUNCE_MS);
      await sleep(300);
    }
    const memory = residentMegabytes([child.pid ?? 0]);
    return {
      values: { median: quantile(times, 0.5), most: Math.max(...times), memory },
      flaws: [],
    };
  } finally {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('close', resolve));
  }
}
