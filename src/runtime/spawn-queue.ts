import type { Clock } from '../ports/clock.ts';

/** A spawn blocks for a millisecond: after this many, signals and output get their turn. */
const AT_ONCE = 8;

/** Runs the first few functions of each turn of the event loop at once; the others wait for later turns. */
export function createSpawnQueue(clock: Clock): (spawn: () => void) => void {
  const waiting: (() => void)[] = [];
  let spawned = 0;
  let nextTurn: (() => void) | undefined;

  const takeTurn = (): void => {
    nextTurn = undefined;
    spawned = 0;
    while (spawned < AT_ONCE) {
      const spawn = waiting.shift();
      if (spawn === undefined) return;
      run(spawn);
    }
  };

  const run = (spawn: () => void): void => {
    spawned += 1;
    nextTurn ??= clock.after(0, takeTurn);
    spawn();
  };

  return (spawn) => {
    if (spawned < AT_ONCE && waiting.length === 0) run(spawn);
    else waiting.push(spawn);
  };
}
