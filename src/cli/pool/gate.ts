/** Lets jobs start only while there is memory and the load is low (`--memfree`, `--load`). */
import { freemem, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PoolSettings } from './settings.ts';

const LOOK_MS = 1000;

/** undefined: nothing to wait for. */
export function openGate({
  memfreeBytes,
  load,
}: Pick<PoolSettings, 'memfreeBytes' | 'load'>): ((signal: AbortSignal) => Promise<void>) | undefined {
  if (memfreeBytes === null && load === null) return undefined;
  return async (signal) => {
    // Available memory on Linux, with what caches would give up.
    while (freemem() < (memfreeBytes ?? 0) || (loadavg()[0] ?? 0) >= (load ?? Infinity))
      await sleep(LOOK_MS, undefined, { signal });
  };
}
