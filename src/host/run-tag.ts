import { runTagOf } from '../core/run-tag.ts';

/** A tag for what this process starts; each call returns another one. */
export function newRunTag(): string {
  return runTagOf(process.pid, Date.now(), Math.random());
}
