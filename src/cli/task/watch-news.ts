/** What a watch of tasks waits for: changes of files, which are gathered while tasks run, and the signal that ends it. */
import type { SignalName } from '../../core/process/signals.ts';

export interface News {
  readonly changed: (paths: readonly string[]) => void;
  stopped(name: SignalName): void;
  /** The first signal. */
  signal(): SignalName | undefined;
  next(): Promise<readonly string[] | SignalName>;
}

export function createNews(): News {
  const files = new Set<string>();
  let signal: SignalName | undefined;
  let wake = (): void => undefined;
  return {
    changed(paths) {
      for (const path of paths) files.add(path);
      wake();
    },
    stopped(name) {
      signal ??= name;
      wake();
    },
    signal: () => signal,
    async next() {
      while (files.size === 0 && signal === undefined) await new Promise<void>((resolve) => (wake = resolve));
      if (signal !== undefined) return signal;
      const all = [...files];
      files.clear();
      return all;
    },
  };
}
