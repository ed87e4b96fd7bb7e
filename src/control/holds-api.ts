/** Processes that clients need for a time: `procsup task` holds those on which its tasks depend. */
import type { Refused } from '../core/exchange/refusal.ts';
import type { Asker } from '../core/events.ts';
import type { Holder } from '../runtime/exchange/holder.ts';

export type HeldUntil = 'started' | 'ready' | 'succeeded';

export interface HoldAsk {
  readonly holder: Holder;
  readonly gone: AbortSignal;
  readonly cause: Asker;
}

export interface ProcessHolds {
  /**
   * Starts the process where it is not up, with what it needs, and resolves when all its instances are as far. Until its
   * last holder has released it or has gone, it is not stopped for want of a holder.
   */
  hold(
    name: string,
    until: HeldUntil,
    ask: HoldAsk,
  ): Promise<{ readonly instances: readonly string[] } | Refused>;
  /** Resolves when what was started for holders, and is needed by none any more, has stopped. */
  release(name: string, holder: Holder): Promise<void>;
  /**
   * For a supervisor that is there for holders only: `listener` is called once, when there has been none for `patienceMs`,
   * or the last one has gone, and nothing else is up.
   */
  whenUnused(patienceMs: number, listener: () => void): void;
}
