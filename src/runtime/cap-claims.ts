import type { CapUse } from '../core/plan/process-plan.ts';
import type { FleetEvent } from '../core/fleet/state.ts';

/** What a client uses of caps: it must give that back. */
export interface HeldCaps {
  /** Once; later calls do nothing. */
  release(): void;
}

/** Clients that use caps or wait for them, by the numbers of their claims. */
export interface CapClaims {
  /**
   * Resolves when there is room; with why, if it is refused; with null if `gone` was aborted before.
   * `name` is shown to others that wait.
   */
  claim(name: string, uses: readonly CapUse[], gone: AbortSignal): Promise<HeldCaps | string | null>;
  /** Comes once for each claim. `message`: it is refused. */
  answer(claim: number, message?: string): void;
}

export function createCapClaims(send: (event: FleetEvent) => void): CapClaims {
  const waiting = new Map<number, (answer: HeldCaps | string) => void>();
  let claims = 0;
  return {
    claim: (name, uses, gone) =>
      new Promise((resolve) => {
        if (gone.aborted) {
          resolve(null);
          return;
        }
        const claim = (claims += 1);
        const leave = (): void => {
          if (!waiting.delete(claim)) return;
          send({ type: 'unclaim', claim });
          resolve(null);
        };
        waiting.set(claim, (answer) => {
          gone.removeEventListener('abort', leave);
          resolve(answer);
        });
        gone.addEventListener('abort', leave, { once: true });
        send({ type: 'claim', claim, name, uses });
      }),
    answer(claim, message) {
      const resolve = waiting.get(claim);
      waiting.delete(claim);
      if (message !== undefined) return resolve?.(message);
      let isHeld = true;
      resolve?.({
        release() {
          if (isHeld) send({ type: 'unclaim', claim });
          isHeld = false;
        },
      });
    },
  };
}
