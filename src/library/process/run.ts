/** `run()`: one program from its start to its end, with its output. */
import { statusOf } from '../../core/process/exit.ts';
import { exitOfPublic } from '../../core/process/public-exit.ts';
import { systemClock } from '../../os/clock.ts';
import { listenToAbort } from '../listen-to-abort.ts';
import { Process } from './process.ts';
import { ProcessError } from './error.ts';
import type { ProcessOutput } from './options.ts';
import type { ProcessCommand } from '../supervisor/config.ts';

export interface RunOptions {
  /** Written to its stdin. Default: nothing. */
  readonly input?: string | Uint8Array | undefined;
  /** Added to our own environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Default: our own. */
  readonly cwd?: string | undefined;
  /** Stops it, with all that it has started. */
  readonly signal?: AbortSignal | undefined;
  /** Stops it after this time. Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /** Between SIGTERM and SIGKILL when it is stopped. Default 5000. */
  readonly graceMs?: number | undefined;
  /** Of stdout and stderr each. Default: 100 MiB. */
  readonly maxBufferBytes?: number | undefined;
}

export interface RunResult extends ProcessOutput {
  /** As a shell reports it: the code, or 128+n for signal n. */
  readonly status: number;
}

/**
 * Runs a program, and resolves with its output and its exit. That it fails is a result and no error:
 *
 *     const { stdout, status } = await run(['git', 'status', '--short'], { cwd: 'packages/shop' });
 *
 * For several programs with pipes between them see `pipe()`. Rejects with a TypeError for wrong options, with the reason of
 * `signal`, or with a `ProcessError` (`REFUSED`, `TIMEOUT`, `TOO_MUCH_OUTPUT`). After a stop nothing of it is left.
 */
export async function run(command: ProcessCommand, options: RunOptions = {}): Promise<RunResult> {
  const { input, env, cwd, signal, timeoutMs, graceMs, maxBufferBytes } = options;
  signal?.throwIfAborted();
  const child = new Process({ command, env, cwd, stdio: 'pipe' });
  await child.start();
  let isLate = false as boolean;
  const stop = (): void => void child.stop({ graceMs });
  const stopListening = listenToAbort(signal, stop);
  if (signal?.aborted === true) stop();
  const onLate = (): void => {
    isLate = true;
    stop();
  };
  const cancel = timeoutMs === undefined ? undefined : systemClock.after(timeoutMs, onLate);
  try {
    const output = await child.communicate(input, { maxBufferBytes });
    if (isLate || signal?.aborted === true) await child.stop({ graceMs });
    signal?.throwIfAborted();
    if (isLate) {
      const words = `${child.name} was stopped: timed out after ${String(timeoutMs)} ms`;
      throw new ProcessError('TIMEOUT', words, { exit: output.exit });
    }
    return { ...output, status: statusOf(exitOfPublic(output.exit)) };
  } finally {
    cancel?.();
    stopListening();
    child.close();
  }
}
