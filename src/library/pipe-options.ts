/** What `pipe()` is given and what it gives back, as its callers see it. */
import type { Writable } from 'node:stream';
import type { WritableStream } from 'node:stream/web';
import type { PublicExit } from '../core/process/public-exit.ts';
import type { StageFigures } from '../os/proc/stage-io.ts';

/**
 * A program and its arguments, which no shell looks at; or a command line for `/bin/sh -c`; or either with more about it.
 * A command line is one stage, whatever is in it.
 */
export type PipeStage = PipeCommand | PipeStageObject;

export type PipeCommand = readonly [program: string, ...args: string[]] | string;

export interface PipeStageObject {
  readonly command: PipeCommand;
  /** Over the environment of the whole pipeline; undefined takes a variable away. */
  readonly env?: PipeEnv | undefined;
  /** Its stderr goes where its stdout goes, as with a shell's `|&`. Default false. */
  readonly joinStderr?: boolean | undefined;
}

export type PipeEnv = Readonly<Record<string, string | undefined>>;

/** Text is written as UTF-8. A stream of Node or of the web, or an async generator, gives texts or bytes. */
export type PipeInput = string | Uint8Array | AsyncIterable<string | Uint8Array>;

/** `buffer`: in the result. `inherit`: to our own. `ignore`: nowhere. A stream, of Node or of the web: there. */
export type PipeOutput = 'buffer' | 'inherit' | 'ignore' | Writable | WritableStream;

export type PipeErrorOutput = 'buffer' | 'inherit' | 'ignore';

export type PipeOptions<
  Out extends PipeOutput = PipeOutput,
  Err extends PipeErrorOutput = PipeErrorOutput,
> = PipeSettings<Out, Err> & PipeSource;

/** What the first stage reads: one of the two, or nothing. */
export type PipeSource =
  | {
      /** `ignore` (the default): nothing. `inherit`: our own stdin. */
      readonly stdin?: 'ignore' | 'inherit' | undefined;
      readonly input?: undefined;
    }
  | {
      readonly stdin?: undefined;
      /**
       * Written to the first stage as fast as it reads. A stream that is not read to its end, because the pipeline ended
       * first, is destroyed, as by `stream.pipeline`; one that fails, or is destroyed by somebody else, stops the pipeline.
       */
      readonly input: PipeInput;
    };

export interface PipeSettings<Out extends PipeOutput, Err extends PipeErrorOutput> {
  /** Of all stages. Default: our own working directory. */
  readonly cwd?: string | undefined;
  /** Over our own environment; undefined takes a variable away. */
  readonly env?: PipeEnv | undefined;
  /**
   * Where the last stage writes. Default `buffer`. A stream is ended at the end (`process.stdout` and `process.stderr`
   * are not), and destroyed if the pipeline was stopped; while it is full the last stage waits. If somebody else destroys
   * or ends it, at any time after the call, the last stage gets SIGPIPE; if it fails the pipeline is stopped.
   */
  readonly stdout?: Out | undefined;
  /** Of all stages, in the order in which it comes. Default `inherit`. */
  readonly stderr?: Err | undefined;
  /** Stops the pipeline: SIGTERM to all that it has started, SIGKILL after `killAfterMs` to what still lives. */
  readonly signal?: AbortSignal | undefined;
  /** Default 5000. */
  readonly killAfterMs?: number | undefined;
  /** After so long it is stopped, as by `signal`. Default: never. */
  readonly timeoutMs?: number | undefined;
  /** The most that is kept of each, stdout and stderr; more stops the pipeline. Default 100 MiB. */
  readonly maxBufferBytes?: number | undefined;
  /** Looks at the stages while they run and adds `figures` to them; needs /proc. Default false. */
  readonly stats?: boolean | undefined;
}

export interface PipeResult<
  Out extends PipeOutput = PipeOutput,
  Err extends PipeErrorOutput = PipeErrorOutput,
> {
  /**
   * That of the rightmost stage that failed, else 0. A stage that SIGPIPE ended has not failed (the next one had read
   * enough), but for the last one.
   */
  readonly status: number;
  /** The stage that decided it, from 0; null when none failed. */
  readonly decidedBy: number | null;
  /** In the order in which they were given. */
  readonly stages: readonly PipeStageResult[];
  /** null: it went elsewhere. */
  readonly stdout: Captured<Out>;
  readonly stderr: Captured<Err>;
  readonly startedAt: Date;
  readonly durationMs: number;
}

export type Captured<Where> = Where extends 'buffer' ? Buffer : null;

export interface PipeStageResult {
  /** As a shell's user would have written it. */
  readonly command: string;
  /** null, as is `startedAt`: it could not be started. */
  readonly pid: number | null;
  readonly exit: PublicExit;
  /** As a shell reports it: its code, or 128+n for signal n; 125 to 127 when it could not be started. */
  readonly status: number;
  readonly startedAt: Date | null;
  readonly durationMs: number;
  /**
   * With `stats`: as they were last seen while it lived, so rather too low, for which `isApproximate` stands. null:
   * not asked for, or not seen, because it was over too soon or there is no /proc.
   */
  readonly figures: StageFigures | null;
}
