/** Lets those who wait for a line hear what the latest run of an instance writes. Costs nothing while nobody waits. */
import type { OutputWatch } from '../ports/checks.ts';
import type { Tap } from './source.ts';

export interface TappedOutput extends OutputWatch {
  /** A new run of `name` writes to `tap` from now on. */
  tap(name: string, tap: Tap): Tap;
  forget(name: string): void;
}

type Write = (bytes: Uint8Array) => void;

export function createOutputWatch(): TappedOutput {
  const latest = new Map<string, Set<Write>>();
  return {
    tap(name, tap) {
      const listeners = new Set<Write>();
      latest.set(name, listeners);
      return {
        write(bytes) {
          tap.write(bytes);
          if (listeners.size > 0) for (const write of [...listeners]) write(bytes);
        },
        endRun: () => tap.endRun(),
      };
    },
    watch(name, write) {
      const listeners = latest.get(name);
      const own: Write = (bytes) => write(bytes);
      listeners?.add(own);
      return () => void listeners?.delete(own);
    },
    forget: (name) => void latest.delete(name),
  };
}
