/** `pipe()`: pipelines for TypeScript, by the engine of `procsup pipe`. */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { refusalOf } from '../os/process/spawn.ts';
import { systemClock } from '../os/clock.ts';
import { createBestPipes } from '../os/pipes/best-pipes.ts';
import { createProcessGroups } from '../os/process/groups.ts';
import { readInto } from '../os/pipes/reader.ts';
import { createStageLauncher } from '../os/pipes/stage-pipes.ts';
import type { Refusal } from '../core/process/exit.ts';
import type { StageRequest } from '../ports/pipelines.ts';
import { runPipeline, type StageEnd } from '../runtime/run-pipeline.ts';
import { sweep } from '../runtime/sweep.ts';
import { openEdges, type Edges } from './edges.ts';
import { dropInput, feedInput, holdInput } from './feed-input.ts';
import { createCollector, createStreamPlace, type Collector, type OutputPlace } from './output-place.ts';
import { readPipeCall, type CheckedOptions, type CheckedStage, type PipeCall } from './pipe-arguments.ts';
import { PipeError } from './pipe-error.ts';
import type {
  PipeEnv,
  PipeErrorOutput,
  PipeOptions,
  PipeOutput,
  PipeResult,
  PipeStage,
} from './pipe-options.ts';
import { pipeResultOf } from './pipe-result.ts';
import { createPipeStop, listenForStop, type PipeStop } from './pipe-stop.ts';
import { readOutput, type OutputReading } from './read-output.ts';
import { createStagesWatch, type StagesWatch } from './watch-stages.ts';

/**
 * Runs programs with kernel pipes between them, as a shell's `a | b | c` does, and resolves when all of them have ended:
 *
 *     const { stdout } = await pipe(['seq', '1000000'], ['sort', '-rn'], ['head', '-1']);
 *     await pipe('git log --format=%an', ['sort'], ['uniq', '-c'], { stdout: 'inherit', signal });
 *
 * A stage is a program with its arguments, kept as they are, or a string, which is a command line for `/bin/sh`. No byte
 * passes through this process from stage to stage. Without options the first stage reads nothing, the output of the last
 * one is in the result, and all write their errors to our stderr.
 *
 * A stage that fails does not reject: `status` and `stages` say how it went, also for a program that is not found (127) or
 * could not be started for a lack of descriptors (125). What rejects:
 *
 * * `TypeError`: a wrong argument; nothing was started.
 * * `signal.reason`: the signal was aborted, before or meanwhile.
 * * `PipeError`: the time was over, the output was too much, or a stream that was given failed; see its `code`.
 *
 * Whenever it rejects after a start, it has first ended everything that the stages have started (on Linux also what left
 * their side; elsewhere the stages themselves), and a stream given as `stdout` has been destroyed.
 *
 * A pipeline that ends by itself leaves alone what its stages have left in the background. If that holds the pipe
 * to us, its output is taken for one more second, then the promise resolves without it.
 *
 * The stages are in our process group, so that Ctrl-C in a terminal reaches them as it reaches us. If we are killed they
 * get the end of file or SIGPIPE from us, as from a shell that is killed; nobody ends them otherwise.
 */
export async function pipe(
  first: PipeStage,
  ...others: readonly PipeStage[]
): Promise<PipeResult<'buffer', 'inherit'>>;
/** The same, with options behind the stages. */
export async function pipe<Out extends PipeOutput = 'buffer', Err extends PipeErrorOutput = 'inherit'>(
  first: PipeStage,
  ...others: readonly [...stages: PipeStage[], options: PipeOptions<Out, Err>]
): Promise<PipeResult<Out, Err>>;
export async function pipe(...args: readonly unknown[]): Promise<PipeResult> {
  return carryOut(readPipeCall(args));
}

/** They hold nothing, but know what works on this system once they were used. */
const launcher = createStageLauncher({ prelude: '' });
const makePipes = createBestPipes();
const processGroups = createProcessGroups();

/** Everything of one call that lasts as long as it does. */
interface Run {
  readonly options: CheckedOptions;
  readonly stages: readonly CheckedStage[];
  /** A prefix of our own mark, if we have one: whoever has started us finds the stages as well. */
  readonly mark: string;
  readonly root: string;
  readonly stop: PipeStop;
  readonly stdout: Collector | OutputPlace | undefined;
  readonly stderr: Collector | undefined;
  readonly watch: StagesWatch | undefined;
}

async function carryOut({ stages, options }: PipeCall): Promise<PipeResult> {
  const startedAtMs = systemClock.now();
  const run = begin(stages, options);
  run.stop.listen(() => run.stdout?.abandon());
  const stopListening = listenForStop(options, run.stop, systemClock);
  const letGoOfInput = holdInput(options.input);
  try {
    const ends = await runStages(run);
    await Promise.all([run.stdout?.end(), run.stderr?.end()]);
    if (run.stop.cause() !== undefined)
      await sweep(processGroups, run.mark, options.killAfterMs, systemClock);
    const result = resultOf(run, ends, startedAtMs);
    await whatClosesIsClosed();
    return settle(run, result);
  } finally {
    stopListening();
    letGoOfInput();
    run.stdout?.release();
  }
}

function begin(stages: readonly CheckedStage[], options: CheckedOptions): Run {
  const stop = createPipeStop();
  const collector = (name: string): Collector =>
    createCollector(options.maxBufferBytes, () => {
      const message = `the pipeline was stopped: more than ${options.maxBufferBytes} bytes on ${name}`;
      stop.because({ by: 'PIPE_MAX_BUFFER', message });
    });
  return {
    ...{ options, stages, stop },
    mark: `${process.env['PROCSUP_RUN_ID'] ?? ''}${randomUUID()}:`,
    root: resolve(options.cwd ?? '.'),
    stdout: placeOf(options.stdout, stop, () => collector('stdout')),
    stderr: options.stderr === 'buffer' ? collector('stderr') : undefined,
    watch: options.stats ? createStagesWatch(systemClock) : undefined,
  };
}

function placeOf(
  stdout: CheckedOptions['stdout'],
  stop: PipeStop,
  collector: () => Collector,
): OutputPlace | undefined {
  if (stdout === 'buffer') return collector();
  if (typeof stdout === 'string') return undefined;
  const onFailed = (cause: Error): void => {
    const message = `the pipeline was stopped: stdout failed: ${cause.message}`;
    stop.because({ by: 'PIPE_OUTPUT', message, cause });
  };
  return createStreamPlace(stdout, { clock: systemClock, onFailed });
}

/** From nothing until all have ended and what they have written has been read. */
async function runStages(run: Run): Promise<readonly StageEnd[]> {
  const { options, stop } = run;
  const edges = await openEdges(options, makePipes).catch((error: unknown) => refusalOf(error, run));
  const isStopped = stop.cause() !== undefined;
  if ('by' in edges || isStopped) {
    if (!('by' in edges)) edges.closeAll();
    dropInput(options.input);
    return notStarted(run, 'by' in edges ? edges : STOPPED_EARLY);
  }
  const running = runPipeline({
    ...{ launcher, processGroups, runId: run.mark, root: run.root, stages: requestsOf(run) },
    ...{ stdin: edges.stdin, stdout: edges.stdout, stderr: edges.stderr },
    clock: systemClock,
    graceMs: options.killAfterMs,
    ...(run.watch && { onSpawned: run.watch.onSpawned, onEnded: run.watch.onEnded }),
  });
  const endInput = feed(run, edges);
  const readings = readingsOf(run, edges);
  stop.listen(() => {
    running.stop('SIGTERM');
    for (const reading of readings) reading.abandon();
  });
  await running.started;
  edges.closeTheirs();
  const ends = await running.ended;
  endInput?.();
  await Promise.all(readings.map((reading) => reading.finish()));
  return ends;
}

const STOPPED_EARLY: Refusal = {
  by: 'refusal',
  error: 'ECANCELED',
  message: 'the pipeline was stopped before it had begun',
};

function notStarted({ stages }: Run, exit: Refusal): readonly StageEnd[] {
  const endedAtMs = systemClock.now();
  return stages.map(() => ({ pid: null, exit, startedAtMs: null, endedAtMs }));
}

function requestsOf({ stages, options }: Run): readonly StageRequest[] {
  return stages.map(({ script, args, env, joinsStderr }) => ({
    ...{ script, args, joinsStderr },
    env: environmentOf({ ...process.env, ...options.env, ...env }),
  }));
}

function environmentOf(env: PipeEnv): Record<string, string> {
  const entries = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}

function feed({ options, stop }: Run, { input: fd }: Edges): (() => void) | undefined {
  if (fd === undefined || options.input === undefined) return undefined;
  const onFailed = (cause: Error): void => {
    const message = `the pipeline was stopped: input failed: ${cause.message}`;
    stop.because({ by: 'PIPE_INPUT', message, cause });
  };
  return feedInput(fd, options.input, { clock: systemClock, onFailed });
}

const READ_BYTES = 128 * 1024;

function readingsOf(run: Run, { output, errors }: Edges): readonly OutputReading[] {
  if (output === undefined && errors === undefined) return [];
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const openReader = readInto(buffer);
  const sources = [
    [output, run.stdout],
    [errors, run.stderr],
  ] as const;
  return sources.flatMap(([fd, place]) =>
    fd === undefined || place === undefined
      ? []
      : [readOutput({ fd, place, openReader, buffer, clock: systemClock })],
  );
}

function resultOf(run: Run, ends: readonly StageEnd[], startedAtMs: number): PipeResult {
  return pipeResultOf({
    ...{ ends, startedAtMs },
    commands: run.stages.map(({ command }) => command),
    figures: run.watch?.end(),
    stdout: run.stdout !== undefined && 'bytes' in run.stdout ? run.stdout.bytes() : null,
    stderr: run.stderr?.bytes() ?? null,
    endedAtMs: systemClock.now(),
    wallMs: systemClock.wallNow(),
  });
}

/** Node lets go of a child and of a pipe at the end of the turn after the one in which we hear of their end. */
async function whatClosesIsClosed(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

/** Throws why it was stopped, if it was. */
function settle({ options, stop }: Run, result: PipeResult): PipeResult {
  const cause = stop.cause();
  if (cause !== undefined && cause.by !== 'signal') {
    const { by, message, cause: thrown } = cause;
    throw new PipeError(by, message, result, thrown && { cause: thrown });
  }
  if (cause !== undefined) options.signal?.throwIfAborted();
  return result;
}
