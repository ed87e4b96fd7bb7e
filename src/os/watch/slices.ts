/** Long work in slices, between which everything else has its turn. */
export interface Slices {
  /** In the order in which they come. */
  add(deed: () => void): void;
  /** Nothing is left. */
  whenDone(then: () => void): void;
  close(): void;
}

const LONGEST_MS = 8;

export function createSlices(now: () => number): Slices {
  let deeds: (() => void)[] = [];
  let next = 0;
  let waiting: (() => void)[] = [];
  let turn: NodeJS.Immediate | undefined;

  const run = (): void => {
    turn = undefined;
    const endMs = now() + LONGEST_MS;
    while (next < deeds.length && now() < endMs) deeds[next++]?.();
    if (next < deeds.length) return later();
    deeds = [];
    next = 0;
    const done = waiting;
    waiting = [];
    for (const then of done) then();
  };
  const later = (): void => {
    turn ??= setImmediate(run);
  };

  return {
    add(deed) {
      deeds.push(deed);
      later();
    },
    whenDone(then) {
      waiting.push(then);
      later();
    },
    close() {
      if (turn !== undefined) clearImmediate(turn);
      [deeds, waiting, next] = [[], [], 0];
    },
  };
}
