import type { Clock } from '../ports/clock.ts';
import { listenToAbort } from './listen-to-abort.ts';

export interface WaitOptions {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** null when the time is over first. Rejects with the reason of `signal`. Nothing is left of it afterwards. */
export async function waitFor<T>(
  promise: Promise<T>,
  { timeoutMs, signal }: WaitOptions,
  clock: Clock,
): Promise<T | null> {
  signal?.throwIfAborted();
  if (timeoutMs === undefined && signal === undefined) return promise;
  return new Promise<T | null>((resolve, reject) => {
    const cancel =
      timeoutMs === undefined ? undefined : clock.after(timeoutMs, () => end(() => resolve(null)));
    const stopListening = listenToAbort(signal, () => end(() => reject(signal?.reason as Error)));
    const end = (settle: () => void): void => {
      cancel?.();
      stopListening();
      settle();
    };
    promise.then(
      (value) => end(() => resolve(value)),
      (error: unknown) => end(() => reject(error)),
    );
  });
}
