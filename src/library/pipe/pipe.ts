/** `pipe()`: pipelines for TypeScript, with the engine of `procsup pipe`. */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { refusalOf } from '../../os/process/spawn.ts';
import { systemClock } from '../../os/clock.ts';
import { createBestPipes } from '../../os/pipes/best-pipes.ts';
import { createProcessGroups } from '../../os/process/groups.ts';
import { readInto } from '../../os/pipes/reader.ts';
import { createStageLauncher } from '../../os/pipes/stage-pipes.ts';
import type { Refusal } from '../../core/process/exit.ts';
import type { StageRequest } from '../../ports/pipelines.ts';
import { runPipeline, type StageEnd } from '../../runtime/run-pipeline.ts';
import { createStopSignals, type StopSignals } from '../../runtime/stop-signals.ts';
import { sweep } from '../../runtime/sweep.ts';
import { openEdges, type Edges } from './edges.ts';
import { dropInput, feedInput, holdInput } from './feed-input.ts';
import { createCollector, createStreamPlace, type Collector, type OutputPlace } from './output-place.ts';
import { readPipeCall, type CheckedOptions, type CheckedStage, type PipeCall } from './arguments.ts';
import { PipeError } from './error.ts';
import type { PipeEnv, PipeErrorOutput, PipeOptions, PipeOutput, PipeResult, PipeStage } from './options.ts';
import { pipeResultOf } from './result.ts';
import { createPipeStop, listenForStop, type PipeStop } from './stop.ts';
import { readOutput, type OutputReading } from './read-output.ts';
import { createStagesWatch, type StagesWatch } from './watch-stages.ts';

/**
 * Runs programs with kernel pipes between them, as `a | b | c` in a shell, and resolves when all of them have exited:
 *
 *     const { stdout } = await pipe(['seq', '1000000'], ['sort', '-rn'], ['head', '-1']);
 *     await pipe('git log --format=%an', ['sort'], ['uniq', '-c'], { stdout: 'inherit', signal });
 *
 * A stage is an array of a program and its arguments, which are passed unchanged, or a string, which is a command line
 * for `/bin/sh`. No byte passes through this process from stage to stage. Without options, the first stage has an empty
 * stdin, the output of the last one is in the result, and all of them write to our stderr.
 *
 * A failed stage does not reject the promise: see `status` and `stages`, also for a program that is not found (127) or
 * could not be started for lack of descriptors (125). It rejects with:
 *
 * * `TypeError`: an invalid argument; nothing was started.
 * * `signal.reason`: the signal was aborted before or during the run.
 * * `PipeError`: a timeout, too much output, or a failed input or output stream; see its `code`.
 *
 * When it rejects after a start, it has stopped everything that the stages have started (on Linux also processes that
 * left their process group; elsewhere the stages themselves), and has destroyed a stream given as `stdout`.
 *
 * Background processes of the stages keep running when the pipeline ends by itself. If one of them holds the pipe to us
 * open, its output is read for one more second, then the promise resolves.
 *
 * The stages are in our process group, so Ctrl-C in a terminal reaches them as it reaches us. If this process is killed,
 * they get an end of file or SIGPIPE, as from a killed shell, but are not stopped otherwise.
 */
export async function pipe(
  first: PipeStage,
  ...others: readonly PipeStage[]
): Promise<PipeResult<'buffer', 'inherit'>>;
/** The same, with options after the stages. */
export async function pipe<Out extends PipeOutput = 'buffer', Err extends PipeErrorOutput = 'inherit'>(
  first: PipeStage,
  ...others: readonly [...stages: PipeStage[], options: PipeOptions<Out, Err>]
): Promise<PipeResult<Out, Err>>;
export async function pipe(...args: readonly unknown[]): Promise<PipeResult> {
  return carryOut(readPipeCall(args));
}

/** Shared by all calls: they hold no resources, only what works on this system. */
const launcher = createStageLauncher({ prelude: '' });
const makePipes = createBestPipes();
const processGroups = createProcessGroups();

/** The state of one call. */
interface Run {
  readonly options: CheckedOptions;
  readonly stages: readonly CheckedStage[];
  /** The run tag. It starts with our own, if we have one, so that the supervisor that started us finds the stages. */
  readonly runTag: string;
  readonly root: string;
  readonly stopSignals: StopSignals;
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
      await sweep(run.stopSignals, run.runTag, options.killAfterMs, systemClock);
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
      const message = `pipeline stopped: more than ${options.maxBufferBytes} bytes on ${name}`;
      stop.because({ by: 'PIPE_MAX_BUFFER', message });
    });
  return {
    ...{ options, stages, stop },
    runTag: `${process.env['PROCSUP_RUN_ID'] ?? ''}${randomUUID()}:`,
    root: resolve(options.cwd ?? '.'),
    stopSignals: createStopSignals(processGroups),
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
    const message = `pipeline stopped: stdout failed: ${cause.message}`;
    stop.because({ by: 'PIPE_OUTPUT', message, cause });
  };
  return createStreamPlace(stdout, { clock: systemClock, onFailed });
}

/** Starts the stages; resolves when they have exited and their output has been read. */
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
    ...{ launcher, stopSignals: run.stopSignals, runId: run.runTag, root: run.root, stages: requestsOf(run) },
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
  message: 'the pipeline was stopped before it started',
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
    const message = `pipeline stopped: input failed: ${cause.message}`;
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

/** Node releases a child and a pipe one turn after reporting their end. */
async function whatClosesIsClosed(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

/** Throws the cause if the pipeline was stopped. */
function settle({ options, stop }: Run, result: PipeResult): PipeResult {
  const cause = stop.cause();
  if (cause !== undefined && cause.by !== 'signal') {
    const { by, message, cause: thrown } = cause;
    throw new PipeError(by, message, result, thrown && { cause: thrown });
  }
  if (cause !== undefined) options.signal?.throwIfAborted();
  return result;
}
