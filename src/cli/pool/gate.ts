/** Lets jobs start only while there is memory and the load is low (`--memfree`, `--load`), and with room in caps (`--uses`). */
import { freemem, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PoolSettings } from './settings.ts';

/** Resolves when a job may start. What it resolves to is called when the job has ended. */
export type Gate = (signal: AbortSignal) => Promise<() => void>;

/** Takes room in caps for one job. */
export type Claim = Gate;

export interface Machine {
  /** Available memory on Linux, with what caches would give up. */
  freeBytes(): number;
  load(): number;
  untilNextLook(signal: AbortSignal): Promise<void>;
}

const LOOK_MS = 1000;

const THIS_MACHINE: Machine = {
  freeBytes: freemem,
  load: () => loadavg()[0] ?? 0,
  untilNextLook: (signal) => sleep(LOOK_MS, undefined, { signal }),
};

/** undefined: nothing to wait for. */
export function openGate(
  { memfreeBytes, load }: Pick<PoolSettings, 'memfreeBytes' | 'load'>,
  claim?: Claim,
  machine: Machine = THIS_MACHINE,
): Gate | undefined {
  if (memfreeBytes === null && load === null) return claim;
  const isShut = (): boolean =>
    machine.freeBytes() < (memfreeBytes ?? 0) || machine.load() >= (load ?? Infinity);
  return async (signal) => {
    while (isShut()) await machine.untilNextLook(signal);
    return (await claim?.(signal)) ?? (() => undefined);
  };
}
