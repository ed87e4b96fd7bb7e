// One run of one tool on one Procfile, from its start until nothing of it is left.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { environment } from './environment.js';
import { listenForMarks } from './marks.js';
import { bytesWritten, cpuSeconds, familyOf, isAlive, toolProcesses, wantsCpu } from './proc.js';
import { countFile, startReader } from './reading.js';

/** The tool's own fault: a figure is missing, the bench goes on. Any other error is a bug of the bench. */
export class RunFailed extends Error {}

/** @typedef {'null' | 'pipe' | 'file'} Target  where the tool's stdout goes */

/**
 * @typedef {object} Work
 * @property {(child: Child) => Record<string, string>} commands  the Procfile: name to command
 * @property {Target} target
 * @property {boolean} [restart]
 * @property {boolean} [terminal]  each command in a terminal of its own
 * @property {boolean} [pipeline]  the commands, in their order, are the stages of one
 */

/**
 * Words the command of a writer.
 * @typedef {(mode: string, index: number, ...rest: (string | number)[]) => string} Child
 */

const START_MS = 30_000;
/** foreman and others give their children five seconds, and then need some themselves. */
const STOP_MS = 8_000;
const STILL_MS = 300;
const MISSING_MS = 3_000;
const DRAIN_MS = 45_000;

export const nowNs = () => Number(process.hrtime.bigint());

/** @type {Set<Run>} */
const running = new Set();

/** For a bench that is interrupted: at once, and without waiting for anything. */
export function killAllRuns() {
  for (const run of running) run.kill();
}

/**
 * @template T
 * @param {import('./bench.js').Bench} bench
 * @param {import('./find-tools.js').Tool} tool
 * @param {Work} work
 * @param {(run: Run) => Promise<T>} body
 * @returns {Promise<T>} what the body returns, when nothing of the tool is left
 */
export async function runTool(bench, tool, work, body) {
  const dir = bench.workshop.newRunDir();
  const run = new Run(bench, tool, work, dir);
  running.add(run);
  try {
    return await body(run);
  } finally {
    await run.end();
    running.delete(run);
    rmSync(dir, { recursive: true, force: true });
  }
}

export class Run {
  #dir;
  #marks;
  #child;
  #reader;
  #target;
  #isOnScreen;
  #readCommand;
  #gate = -1;
  /** @type {Promise<import('./reading.js').Report | undefined> | undefined} */
  #ending;

  /**
   * @param {import('./bench.js').Bench} bench
   * @param {import('./find-tools.js').Tool} tool
   * @param {Work} work
   * @param {string} dir
   */
  constructor({ workshop }, tool, { commands, target, restart, terminal, pipeline }, dir) {
    this.#dir = dir;
    this.#isOnScreen = tool.screen === true;
    this.#target = this.#isOnScreen ? 'screen' : target;
    this.#readCommand = workshop.reader;
    const job = writeJob(dir, commands(childIn(dir, workshop.writer)));
    this.#marks = listenForMarks(join(dir, 'marks'));
    if (this.#target === 'pipe') this.#reader = startReader(workshop.reader, join(dir, 'out'));
    const out =
      this.#reader?.writeEnd ?? openSync(this.#target === 'file' ? join(dir, 'text') : '/dev/null', 'w');
    const errors = openSync(join(dir, 'stderr'), 'w');
    const args = pipeline
      ? tool.pipeline(Object.values(job.commands))
      : (restart ? tool.restart : terminal ? tool.terminal : tool.start)(job);

    /** Just before the tool was started. */
    this.startedNs = nowNs();
    const [program, ...words] = this.#isOnScreen
      ? onScreen([tool.program, ...args])
      : [tool.program, ...args];
    this.#child = spawn(program, words, {
      cwd: dir,
      env: environment(),
      stdio: ['ignore', out, errors],
      detached: true, // a Ctrl-C is ours to pass on
    });
    /** @type {Promise<number>} the time at which the tool had ended */
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', () => resolve(nowNs()));
      this.#child.once('error', () => resolve(nowNs()));
    });
    closeSync(out);
    closeSync(errors);
  }

  get pid() {
    return this.#child.pid ?? 0;
  }

  /** @returns {Promise<import('./marks.js').Mark[]>} */
  waitFor(kind, count, ms = START_MS) {
    // Its child's last mark may still be on its way.
    const died = this.exited.then(() => sleep(200)).then(() => () => `ended by itself${this.#lastWords()}`);
    const what = () => `${this.#marks.of(kind).length} of ${count} "${kind}" after ${ms / 1000} s`;
    return this.#bounded(this.#marks.until(kind, count), ms, what, died);
  }

  /** @returns {Promise<number>} */
  waitForExit(ms = START_MS) {
    return this.#bounded(this.exited, ms, () => `did not end within ${ms / 1000} s`);
  }

  /** Lets all writers begin that have said "ready". */
  openGate() {
    const now = nowNs();
    this.#gate = openSync(join(this.#dir, 'gate'), 'r+');
    return now;
  }

  /** @returns {number[]} the processes that are the tool, not its work */
  processes() {
    const workers = [...this.#marks.of('ready'), ...this.#marks.of('start')].map(({ pid }) => pid);
    const all = toolProcesses(this.pid, workers);
    return this.#isOnScreen ? all.filter((pid) => pid !== this.pid) : all;
  }

  /** Those through which the output goes. */
  writers() {
    return this.#isOnScreen ? this.processes() : [this.pid];
  }

  /**
   * The tool is still when it neither writes nor computes nor waits for a CPU; if less came out than went in
   * (`bytes` since `before`), it is given longer, for it may yet come.
   * @param {{ sinceNs: number, before: number, bytes: number }} expected
   * @returns {Promise<number>} the time of its last write, not before `sinceNs`
   */
  async untilStill({ sinceNs, before, bytes }) {
    const deadline = nowNs() + DRAIN_MS * 1e6;
    const pids = this.writers();
    let lastNs = sinceNs;
    let activeNs = nowNs();
    for (let written = bytesWritten(pids), cpu = cpuSeconds(pids); ;) {
      await sleep(5);
      const now = { ns: nowNs(), written: bytesWritten(pids), cpu: cpuSeconds(pids) };
      if (now.written !== written) lastNs = now.ns;
      if (now.written !== written || now.cpu !== cpu || wantsCpu(this.pid)) activeNs = now.ns;
      ({ written, cpu } = now);
      const patienceMs = written - before >= bytes ? STILL_MS : MISSING_MS;
      if (now.ns - activeNs > patienceMs * 1e6) return lastNs;
      if (now.ns > deadline) throw new RunFailed(`was still writing after ${DRAIN_MS / 1000} s`);
    }
  }

  pauseReader = () => this.#reader?.child.kill('SIGSTOP');
  resumeReader = () => this.#reader?.child.kill('SIGCONT');

  /** Ends the tool and all it started. @returns what arrived, where it was read. */
  end() {
    return (this.#ending ??= this.#end());
  }

  /** The same by force, and at once. */
  kill() {
    killAll(familyOf(this.pid));
    this.#reader?.child.kill('SIGKILL');
  }

  async #end() {
    const family = this.#child.pid === undefined ? [] : familyOf(this.pid);
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGTERM');
    await within(this.exited, STOP_MS);
    // Those it started meanwhile, and those it left behind.
    killAll([...familyOf(this.pid), ...family]);
    await within(this.exited, STOP_MS);
    if (this.#gate >= 0) closeSync(this.#gate);
    this.#marks.close();
    if (this.#reader) return this.#reader.finish();
    if (this.#isOnScreen) spawnSync('sh', ['-c', 'cat screens/*.log > text'], { cwd: this.#dir });
    return this.#target !== 'null' ? countFile(this.#readCommand, join(this.#dir, 'text')) : undefined;
  }

  async #bounded(wanted, ms, complaint, otherwise = new Promise(() => {})) {
    const timer = new AbortController();
    const late = sleep(ms, undefined, { signal: timer.signal }).then(() => complaint);
    const failed = Promise.race([late, otherwise]).then((why) => ({ why }));
    const first = await Promise.race([wanted.then((value) => ({ value })), failed]);
    timer.abort();
    if ('why' in first) throw new RunFailed(first.why());
    return first.value;
  }

  #lastWords() {
    const words = readFileSync(join(this.#dir, 'stderr'), 'utf8').trim().split('\n').at(-1);
    return words ? `: ${words.slice(0, 120)}` : '';
  }
}

/** @returns {import('./tools.js').Job} */
function writeJob(dir, commands) {
  const procfile = join(dir, 'Procfile');
  const lines = Object.entries(commands).map(([name, command]) => `${name}: ${command}\n`);
  writeFileSync(procfile, lines.join(''));
  spawnSync('mkfifo', ['marks', 'gate', 'out'], { cwd: dir });
  return { dir, procfile, commands };
}

/** Below a terminal, whose screen nobody sees. */
function onScreen(command) {
  const words = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  return ['script', '-qefc', `stty rows 40 cols 120; exec ${words}`, '/dev/null'];
}

/** @returns {Child} */
const childIn =
  (dir, writer) =>
  (mode, index, ...rest) =>
    [...writer, dir, mode, index, ...rest].join(' ');

function killAll(family) {
  for (const one of family) {
    if (!isAlive(one)) continue;
    try {
      process.kill(one.pid, 'SIGKILL');
    } catch {
      // gone between the look and the signal
    }
  }
}

const within = (promise, ms) => {
  const timer = new AbortController();
  return Promise.race([promise, sleep(ms, undefined, { signal: timer.signal }).catch(() => {})]).finally(() =>
    timer.abort(),
  );
};
