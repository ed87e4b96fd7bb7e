/** `Process`: one child, a program or a function of a module, with all that it starts. */
import type { Socket } from 'node:net';
import { SIGNAL_NUMBERS, type SignalName } from '../../core/process/signals.ts';
import { publicExitOf } from '../../core/process/public-exit.ts';
import { systemClock } from '../../os/clock.ts';
import { exitOf } from '../../os/process/spawn.ts';
import { createStopSignals } from '../../runtime/stop-signals.ts';
import { callModule, orderOf } from './call-module.ts';
import { exchange } from './communicate.ts';
import { launchProcess, processGroups, type Launched } from './launch.ts';
import { readProcess, type CheckedProcess } from './arguments.ts';
import { ProcessError } from './error.ts';
import type { ProcessExit, ProcessOptions, ProcessOutput } from './options.ts';
import { holdEnds, type OwnEnds } from './own-ends.ts';
import { stopTree } from './stop-tree.ts';
import { waitFor, type WaitOptions } from '../wait-for.ts';

interface Run extends Launched {
  readonly ended: Promise<ProcessExit>;
  /** Of a function. */
  readonly result: Promise<unknown> | undefined;
  readonly ends: OwnEnds;
}

const USUAL_GRACE_MS = 5000;
const alive = new Set<Process>();
let count = 0;

/** Those of this program that run, in the order of their starts. */
export const activeChildren = (): readonly Process[] => [...alive];

/**
 * A child process: a program, or an exported function of a module with its arguments.
 *
 *     await using server = new Process({ command: ['node', 'server.js'], daemon: true });
 *     await server.start();
 *
 *     const sum = new Process<number>({ module: { file: 'sum.js', export: 'sum' }, args: [1, 2] });
 *     await sum.start();
 *     console.log(await sum.result());
 *
 * It is modelled on Python's `multiprocessing.Process` and `subprocess.Popen`. `stop`, `kill` and `await using` end the
 * whole tree: on Linux also what has left its process group, elsewhere the process, and of a daemon its group.
 *
 * The constructor throws a `TypeError` for wrong options. All other failures are a `ProcessError`; see its `code`.
 */
export class Process<Result = unknown> {
  readonly name: string;
  readonly daemon: boolean;
  readonly #checked: CheckedProcess;
  readonly #stopSignals = createStopSignals(processGroups);
  #run: Run | undefined;
  #exit: ProcessExit | null = null;
  #isStarted = false;
  #isClosed = false;
  #waiting = 0;

  constructor(options: ProcessOptions) {
    this.#checked = readProcess(options);
    this.name = this.#checked.name ?? `process-${String((count += 1))}`;
    this.daemon = this.#checked.daemon;
  }

  /**
   * Resolves with itself when the child runs. Rejects with `REFUSED`, `UNSERIALIZABLE`, `ALREADY_STARTED` or `CLOSED`; one
   * that was refused may be started again.
   */
  async start(): Promise<this> {
    if (this.#isClosed) throw this.#error('CLOSED', 'is closed');
    if (this.#isStarted) throw this.#error('ALREADY_STARTED', 'was started before');
    this.#isStarted = true;
    try {
      await this.#launch();
    } catch (error) {
      this.#isStarted = false;
      throw error;
    }
    return this;
  }

  async #launch(): Promise<void> {
    const { program, ...rest } = this.#checked;
    const order = orderOf(program, this.name);
    const launched = await launchProcess({ ...rest, name: this.name, ...order.launch });
    const { child } = launched;
    const ended = new Promise<ProcessExit>((resolve) => {
      child.once('exit', (code, signal) => {
        this.#exit = publicExitOf(exitOf(code, signal)) as ProcessExit;
        alive.delete(this);
        resolve(this.#exit);
      });
    });
    const result =
      order.frame === undefined
        ? undefined
        : callModule({ name: this.name, launched, ended, frame: order.frame, daemon: this.daemon });
    // Who waits for the exit only need not ask for the result.
    result?.catch(() => undefined);
    this.#run = { ...launched, ended, result, ends: holdEnds(launched.pipes) };
    alive.add(this);
    if (this.daemon) child.unref();
  }

  /** From its start to its exit. */
  get alive(): boolean {
    return this.#run !== undefined && this.#exit === null;
  }

  /** null before the start. It stays the same after the exit. */
  get pid(): number | null {
    return this.#run?.pid ?? null;
  }

  /** `{ code }` or `{ signal }`; null before the exit. */
  get exit(): ProcessExit | null {
    return this.#exit;
  }

  /** As in Python: the code, or the negative number of the signal (-15); null before the exit. */
  get exitcode(): number | null {
    if (this.#exit === null) return null;
    if ('code' in this.#exit) return this.#exit.code;
    return -(this.#exit.number ?? SIGNAL_NUMBERS[this.#exit.signal]);
  }

  /** Our end of its stdin; null unless that is a pipe. */
  get stdin(): Socket | null {
    return this.#stream(0);
  }

  /** Our end of its stdout; null unless that is a pipe. */
  get stdout(): Socket | null {
    return this.#stream(1);
  }

  /** Our end of its stderr; null unless that is a pipe. */
  get stderr(): Socket | null {
    return this.#stream(2);
  }

  #stream(at: number): Socket | null {
    return this.#run?.ends.stream(at) ?? null;
  }

  /**
   * Resolves with its exit, or with null after `timeoutMs` (default: no limit), which harms nobody. Rejects with the reason
   * of `signal`, or with `NOT_STARTED`.
   */
  async wait(options: WaitOptions = {}): Promise<ProcessExit | null> {
    const { child, ended } = this.#started();
    if (this.#exit !== null) return this.#exit;
    // A daemon does not keep our program running, unless somebody waits for it.
    this.#waiting += 1;
    child.ref();
    try {
      return await waitFor(ended, options, systemClock);
    } finally {
      this.#waiting -= 1;
      if (this.daemon && this.#waiting === 0) child.unref();
    }
  }

  /**
   * What the function returned, or its promise resolved with. Rejects with `THREW`, whose `cause` is what was thrown, with
   * `DIED`, or with `NOT_STARTED`. Of a program it is a TypeError.
   */
  async result(): Promise<Result> {
    const { result } = this.#started();
    if (result === undefined) throw new TypeError(`Process: ${this.name} is a program and has no result`);
    const [settled] = await Promise.allSettled([result, this.wait()]);
    if (settled.status === 'rejected') throw settled.reason as Error;
    return settled.value as Result;
  }

  /** To the child alone. Throws `NOT_STARTED`, or `NOT_RUNNING`. */
  signal(signal: SignalName): void {
    const { child } = this.#started();
    if (!this.alive) throw this.#error('NOT_RUNNING', 'is not running');
    child.kill(signal);
  }

  /**
   * SIGTERM to the whole tree, and SIGKILL to what is left after `graceMs` (default 5000). Resolves with the exit when
   * nothing is left. If the child has exited, what it has left behind is stopped.
   */
  async stop({
    graceMs = USUAL_GRACE_MS,
  }: { readonly graceMs?: number | undefined } = {}): Promise<ProcessExit> {
    const run = this.#started();
    const tree = { daemon: this.daemon, stopSignals: this.#stopSignals, isAlive: () => this.alive };
    await stopTree({ ...run, ...tree, ended: () => this.wait() }, graceMs);
    return run.ended;
  }

  /** SIGKILL to the whole tree. Resolves with the exit when nothing is left. */
  async kill(): Promise<ProcessExit> {
    return this.stop({ graceMs: 0 });
  }

  /**
   * Writes `input` to its stdin, reads its stdout and stderr to their ends, and resolves with both and its exit, whatever
   * their sizes. All three must be pipes (`stdio: 'pipe'`) of which none was taken, else it rejects with `NOT_PIPED`. Of
   * more than `maxBufferBytes` (default 100 MiB) on one of them it is stopped, and it rejects with `TOO_MUCH_OUTPUT`. A
   * background process that holds a pipe is waited for at most a second after the exit.
   */
  async communicate(
    input: string | Uint8Array = '',
    { maxBufferBytes = 100 * 1024 * 1024 }: { readonly maxBufferBytes?: number | undefined } = {},
  ): Promise<ProcessOutput> {
    const { ends, ended } = this.#started();
    const [stdin, stdout, stderr] = ends.take([0, 1, 2]) ?? [];
    if (stdin === undefined || stdout === undefined || stderr === undefined) {
      throw this.#error('NOT_PIPED', 'has no pipes for stdin, stdout and stderr that are free');
    }
    let isTooMuch = false as boolean;
    const output = await exchange({
      ...{ stdin, stdout, stderr, input, maxBufferBytes, clock: systemClock },
      exited: this.wait(),
      onTooMuch: () => {
        isTooMuch = true;
        void this.kill();
      },
    });
    const exit = await ended;
    if (!isTooMuch) return { ...output, exit };
    throw this.#error('TOO_MUCH_OUTPUT', `was stopped: more than ${maxBufferBytes} bytes of output`);
  }

  /** Gives up what it holds. Throws `ALIVE` while the child is running, which is unharmed. Again has no effect. */
  close(): void {
    if (this.alive) throw this.#error('ALIVE', 'is running: stop it first');
    this.#isClosed = true;
    this.#run?.ends.close();
  }

  /** `await using child = new Process(...)`: `stop` and `close` at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#run !== undefined) await this.stop();
    this.close();
  }

  #started(): Run {
    if (this.#run !== undefined) return this.#run;
    throw this.#error('NOT_STARTED', 'was not started');
  }

  #error(code: ProcessError['code'], words: string): ProcessError {
    return new ProcessError(code, `${this.name} ${words}`, { exit: this.#exit });
  }
}
