/** What long-lived workers take of memory, looked at when they have answered. */
import { textOrNothing } from '../proc/proc-file.ts';

const LOOK_MS = 100;

/** Of the process alone, in bytes; 0: not known. */
export function residentBytes(pid: number | undefined): number {
  const status = pid === undefined ? '' : textOrNothing(`/proc/${String(pid)}/status`);
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

export interface MeasuredWorker {
  readonly process: { memory(): number };
  /** When it was looked at last, in milliseconds. */
  lookedMs: number;
}

/** Looks at most once in LOOK_MS. `mostBytes` Infinity: there is no limit. */
export function takesTooMuch(worker: MeasuredWorker, mostBytes: number, nowMs: number): boolean {
  if (mostBytes === Infinity || nowMs - worker.lookedMs < LOOK_MS) return false;
  worker.lookedMs = nowMs;
  return worker.process.memory() > mostBytes;
}
