import type { Sampler, TreeReading } from '../../src/ports/measuring.ts';

export interface FakeSampler extends Sampler {
  /** What a root reads from now on; undefined: it is gone. */
  set(root: number, reading: Partial<TreeReading> | undefined): void;
  /** The roots that each sample named. */
  readonly asked: readonly (readonly number[])[];
  /** Samples wait from now on; returns what answers all that wait, with what roots read then. */
  hold(): () => void;
  readonly isClosed: boolean;
}

export function createFakeSampler(): FakeSampler {
  const readings = new Map<number, TreeReading>();
  const asked: (readonly number[])[] = [];
  let held: Promise<void> | undefined;
  let isClosed = false;
  return {
    asked,
    get isClosed() {
      return isClosed;
    },
    set(root, reading) {
      if (reading === undefined) readings.delete(root);
      else readings.set(root, { cpuMs: 0, memoryBytes: 1000, memoryKind: 'pss', processes: 1, ...reading });
    },
    hold() {
      let release: () => void = () => undefined;
      held = new Promise((resolve) => {
        release = () => {
          held = undefined;
          resolve();
        };
      });
      return release;
    },
    async sample(roots) {
      asked.push(roots);
      await held;
      return new Map(
        roots.flatMap((root) => {
          const reading = readings.get(root);
          return reading === undefined ? [] : [[root, reading] as const];
        }),
      );
    },
    details: (roots) =>
      Promise.resolve(new Map(roots.map((root) => [root, { pssBytes: null, descriptors: null }]))),
    listening: (roots) => Promise.resolve(new Map(roots.map((root) => [root, [root]]))),
    close: () => void (isClosed = true),
  };
}
