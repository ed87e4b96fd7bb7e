/** What a `Process` is made of, and what it tells. */
import type { SignalName } from '../../core/process/signals.ts';
import type { ProcessCommand } from '../supervisor/config.ts';

/** How it ended. `number`: of the signal, where Linux has another one. */
export type ProcessExit =
  { readonly code: number } | { readonly signal: SignalName; readonly number?: number };

export interface ModuleFunction {
  /** A file of JavaScript, or of TypeScript where the Node that runs it knows that (22.18 and later). A relative path is one of the working directory. */
  readonly file: string | URL;
  /** Default: `default`. */
  readonly export?: string | undefined;
}

/** `pipe`: a kernel pipe, of which the other end is `stdin`, `stdout`, `stderr` of the process. A number, or what has a handle (a listening `net.Server`, a socket): that descriptor. */
export type ProcessStdio = 'pipe' | 'inherit' | 'ignore' | number | object;

export type ProcessOptions = ProcessSettings &
  (
    | {
        readonly command: ProcessCommand;
        readonly module?: undefined;
        readonly args?: readonly string[] | undefined;
      }
    | {
        readonly module: ModuleFunction;
        readonly command?: undefined;
        readonly args?: readonly unknown[] | undefined;
      }
  );

export interface ProcessSettings {
  /** For our own messages. Default: `process-1` and so on. */
  readonly name?: string | undefined;
  /** Added to our own environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Default: our own. */
  readonly cwd?: string | undefined;
  /**
   * Gone when we are gone, however that happens: by the end of our program, which does not wait for it, or by SIGKILL. It
   * gets SIGTERM, and SIGKILL a second later, with all that it has started. Such a process leads a session of its own, so
   * Ctrl-C does not reach it. Default false: our program lasts until it has ended, Ctrl-C reaches it as it reaches us, and it
   * outlives us if we are killed.
   */
  readonly daemon?: boolean | undefined;
  /**
   * One word for stdin, stdout and stderr, or a list of them, in which descriptors from 3 on may follow. Default:
   * `['ignore', 'inherit', 'inherit']`.
   */
  readonly stdio?: 'pipe' | 'inherit' | 'ignore' | readonly ProcessStdio[] | undefined;
}

export interface ProcessOutput {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly exit: ProcessExit;
}
