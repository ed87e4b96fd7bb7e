/** The options and results of `pipe()`. */
import type { Writable } from 'node:stream';
import type { WritableStream } from 'node:stream/web';
import type { PublicExit } from '../../core/process/public-exit.ts';
import type { StageFigures } from '../../os/proc/stage-io.ts';

/**
 * A program and its arguments, run without a shell; a command line for `/bin/sh -c`; or either of them with options. A
 * command line is always one stage.
 */
export type PipeStage = PipeCommand | PipeStageObject;

export type PipeCommand = readonly [program: string, ...args: string[]] | string;

export interface PipeStageObject {
  readonly command: PipeCommand;
  /** Added to the environment of the pipeline; undefined removes a variable. */
  readonly env?: PipeEnv | undefined;
  /** Joins stderr into stdout, as `|&` in a shell. Default: false. */
  readonly joinStderr?: boolean | undefined;
}

export type PipeEnv = Readonly<Record<string, string | undefined>>;

/** Strings are written as UTF-8. A Node stream, a web stream or an async generator may yield strings or bytes. */
export type PipeInput = string | Uint8Array | AsyncIterable<string | Uint8Array>;

/** `buffer`: collect it in the result. `inherit`: write to our own stdout. `ignore`: discard it. Or a stream to write to. */
export type PipeOutput = 'buffer' | 'inherit' | 'ignore' | Writable | WritableStream;

export type PipeErrorOutput = 'buffer' | 'inherit' | 'ignore';

export type PipeOptions<
  Out extends PipeOutput = PipeOutput,
  Err extends PipeErrorOutput = PipeErrorOutput,
> = PipeSettings<Out, Err> & PipeSource;

/** The stdin of the first stage: one of the two, or nothing. */
export type PipeSource =
  | {
      /** `ignore` (the default): nothing. `inherit`: our own stdin. */
      readonly stdin?: 'ignore' | 'inherit' | undefined;
      readonly input?: undefined;
    }
  | {
      readonly stdin?: undefined;
      /**
       * Written to the first stage as fast as it reads. A stream that has not been read to its end when the pipeline ends
       * is destroyed, as by `stream.pipeline`. A stream that fails, or is destroyed by other code, stops the pipeline.
       */
      readonly input: PipeInput;
    };

export interface PipeSettings<Out extends PipeOutput, Err extends PipeErrorOutput> {
  /** Working directory of all stages. Default: our own. */
  readonly cwd?: string | undefined;
  /** Added to our own environment; undefined removes a variable. */
  readonly env?: PipeEnv | undefined;
  /**
   * The output of the last stage. Default: `buffer`. A stream is ended at the end, except `process.stdout` and
   * `process.stderr`, and destroyed if the pipeline is stopped. While it is full, the last stage waits. If other code
   * destroys or ends it at any time after the call, the last stage gets SIGPIPE; if it fails, the pipeline is stopped.
   */
  readonly stdout?: Out | undefined;
  /** The stderr of all stages, in the order of arrival. Default: `inherit`. */
  readonly stderr?: Err | undefined;
  /** Stops the pipeline: sends SIGTERM to all of its processes, and SIGKILL after `killAfterMs` to those still running. */
  readonly signal?: AbortSignal | undefined;
  /** Time between SIGTERM and SIGKILL. Default: 5000. */
  readonly killAfterMs?: number | undefined;
  /** Stops the pipeline after this time, as `signal` does. Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /** Limit of collected output, for stdout and stderr each; more output stops the pipeline. Default: 100 MiB. */
  readonly maxBufferBytes?: number | undefined;
  /** Samples the stages while they run, and adds `figures` to their results; needs /proc. Default: false. */
  readonly stats?: boolean | undefined;
}

export interface PipeResult<
  Out extends PipeOutput = PipeOutput,
  Err extends PipeErrorOutput = PipeErrorOutput,
> {
  /**
   * The status of the rightmost failed stage, or 0. A stage terminated by SIGPIPE has not failed, as the next one had
   * read enough; this does not apply to the last stage.
   */
  readonly status: number;
  /** The index of the stage that decided the status, from 0; null if none failed. */
  readonly decidedBy: number | null;
  /** The results of the stages, in their order. */
  readonly stages: readonly PipeStageResult[];
  /** null if it was not collected. */
  readonly stdout: Captured<Out>;
  readonly stderr: Captured<Err>;
  readonly startedAt: Date;
  readonly durationMs: number;
}

export type Captured<Where> = Where extends 'buffer' ? Buffer : null;

export interface PipeStageResult {
  /** The command, quoted for a shell. */
  readonly command: string;
  /** null if it could not be started, as is `startedAt`. */
  readonly pid: number | null;
  readonly exit: PublicExit;
  /** The status as a shell reports it: the exit code, or 128+n for signal n; 125 to 127 if it could not be started. */
  readonly status: number;
  readonly startedAt: Date | null;
  readonly durationMs: number;
  /**
   * With `stats`: the last sample while it was running, so rather too low, which `isApproximate` states. null without
   * `stats`, without /proc, or if it exited before the first sample.
   */
  readonly figures: StageFigures | null;
}
