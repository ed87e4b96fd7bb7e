/** Why a pipeline is stopped early: the first cause counts. */
import { getMaxListeners, setMaxListeners } from 'node:events';
import type { PipeErrorCode } from './error.ts';
import type { CheckedOptions } from './arguments.ts';
import type { Clock } from '../../ports/clock.ts';

export type StopCause =
  | { readonly by: 'signal' }
  | { readonly by: PipeErrorCode; readonly message: string; readonly cause?: Error };

export interface PipeStop {
  readonly cause: () => StopCause | undefined;
  readonly because: (cause: StopCause) => void;
  /** Calls back once, in the order of registration; at once if there is a cause already. */
  readonly listen: (onStop: () => void) => void;
}

export function createPipeStop(): PipeStop {
  let first: StopCause | undefined;
  const listeners: (() => void)[] = [];
  return {
    cause: () => first,
    because(cause) {
      if (first !== undefined) return;
      first = cause;
      for (const tell of listeners) tell();
    },
    listen(onStop) {
      if (first === undefined) listeners.push(onStop);
      else onStop();
    },
  };
}

/** Returns a function that removes the listeners. */
export function listenForStop(
  { signal, timeoutMs }: Pick<CheckedOptions, 'signal' | 'timeoutMs'>,
  stop: PipeStop,
  clock: Clock,
): () => void {
  const onAbort = (): void => stop.because({ by: 'signal' });
  if (signal?.aborted === true) onAbort();
  makeRoom(signal, 1);
  signal?.addEventListener('abort', onAbort, { once: true });
  const cancel =
    timeoutMs === undefined
      ? undefined
      : clock.after(timeoutMs, () => {
          const message = `pipeline stopped: timed out after ${timeoutMs} ms`;
          stop.because({ by: 'PIPE_TIMEOUT', message });
        });
  return () => {
    signal?.removeEventListener('abort', onAbort);
    makeRoom(signal, -1);
    cancel?.();
  };
}

/** Many pipelines may share a signal: without this, Node would warn of a leak on stderr. */
function makeRoom(signal: AbortSignal | undefined, count: 1 | -1): void {
  if (!(signal instanceof EventTarget)) return;
  const most = getMaxListeners(signal);
  if (most > 0) setMaxListeners(most + count, signal);
}
