/**
 * Random lives of a watched process: files are written, touched and put back, git works, the process is restarted. What must
 * hold: when all is quiet the run has found every file as it is; nothing is done where nothing differs; and nothing is done
 * while files change, unless that goes on for too long.
 */
import type { Content } from '../../src/core/watch/content.ts';
import type * as Watch from '../../src/core/watch/watch.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';
import { seeded } from './random.ts';

export type WatchCore = Pick<typeof Watch, 'newWatch' | 'stepWatch'>;

export interface WatchLife {
  readonly violations: readonly string[];
  readonly counts: {
    readonly act: number;
    readonly none: number;
    readonly loop: number;
    readonly forced: number;
  };
}

const PATHS = ['/a', '/b', '/c'] as const;
/** How long a look takes: now and then it is overtaken by what comes meanwhile. */
const LOOK_MS = [5, 400] as const;
/** Longer than any wait of the machine. */
const QUIET_MS = 60_000;
const CAP_MS = 5_000;
const GIT_CAP_MS = 30_000;

export function liveWatched(seed: number, { newWatch, stepWatch }: WatchCore): WatchLife {
  const random = seeded(seed);
  const clock = createVirtualClock();
  const debounceMs = random.pick([0, 50, 200, 1000]);
  const violations: string[] = [];
  const counts = { act: 0, none: 0, loop: 0, forced: 0 };
  const files = new Map<string, number | 'missing'>(PATHS.map((path) => [path, 1]));
  const stamps = new Map<string, number>();
  const contentOf = (path: string): Content => {
    const hash = files.get(path) ?? 'missing';
    const stamp = stamps.get(path) ?? 0;
    return hash === 'missing' ? 'missing' : { size: 1, mtimeMs: stamp, ctimeMs: stamp, hash };
  };
  const known = new Map(PATHS.map((path) => [path as string, contentOf(path)]));
  let state = newWatch(clock.now());
  let cancel = (): void => undefined;
  /** As the run, or the last action, has found them. */
  let found = new Map(files);
  /** Since when files are written without a pause that is long, and since when something differs. */
  let firstMs: number | undefined;
  let differsSinceMs: number | undefined;
  let lastMs = -Infinity;
  let gitUntilMs = -Infinity;
  let loops = 0;

  const step = (event: Watch.WatchEvent): void => {
    const { state: next, effects } = stepWatch(state, event, { debounceMs }, clock.now());
    state = next;
    for (const effect of effects) perform(effect);
  };
  const perform = (effect: Watch.WatchEffect): void => {
    const nowMs = clock.now();
    switch (effect.type) {
      case 'wait':
        cancel();
        cancel = clock.after(effect.ms, () => step({ type: 'time' }));
        return;
      case 'look':
        clock.after(LOOK_MS[random.chance(0.2) ? 1 : 0], () => {
          const now = new Map(effect.paths.map((path) => [path, contentOf(path)]));
          for (const [path, content] of now) known.set(path, content);
          const none: ReadonlySet<string> = new Set();
          const isGitBusy = clock.now() < gitUntilMs;
          step({
            type: 'looked',
            look: effect.look,
            now,
            isMoving: false,
            isGitBusy,
            away: none,
            ignored: none,
          });
        });
        return;
      case 'learn':
        for (const path of effect.paths) known.set(path, contentOf(path));
        return;
      case 'loop':
        loops += 1;
        counts.loop += 1;
        return;
      case 'act': {
        counts.act += 1;
        const waitedMs = nowMs - (firstMs ?? nowMs);
        const isForced = waitedMs >= Math.max(CAP_MS, debounceMs);
        if (isForced) counts.forced += 1;
        // Of what was taken for its own nobody knows what the run has found.
        if (loops === 0 && effect.files.every((path) => found.get(path) === files.get(path)))
          violations.push('act without a difference');
        if (nowMs - lastMs < debounceMs && !isForced) violations.push('act while files change');
        if (nowMs < gitUntilMs && waitedMs < GIT_CAP_MS) violations.push('act while git is at work');
        const lateMs = loops > 0 ? 0 : nowMs - (differsSinceMs ?? nowMs);
        if (lateMs > GIT_CAP_MS + Math.max(CAP_MS, debounceMs) + 2 * debounceMs + 1000)
          violations.push('waited without an end');
        if (
          gitUntilMs < (differsSinceMs ?? nowMs) &&
          lateMs > Math.max(CAP_MS, debounceMs) + debounceMs + 200
        )
          violations.push('waited too long');
        found = new Map(files);
        firstMs = undefined;
        differsSinceMs = undefined;
        clock.after(random.between(1, 100), begin);
        return;
      }
    }
  };
  const begin = (): void => {
    found = new Map(files);
    firstMs = undefined;
    differsSinceMs = undefined;
    step({ type: 'began' });
  };
  const write = (path: string, value: number | 'missing'): void => {
    files.set(path, value);
    stamps.set(path, clock.now() + random.next());
    firstMs ??= clock.now();
    const isSame = PATHS.every((one) => found.get(one) === files.get(one));
    differsSinceMs = isSame ? undefined : (differsSinceMs ?? clock.now());
    lastMs = clock.now();
    step({ type: 'changed', before: new Map([[path, known.get(path) ?? 'missing']]) });
  };

  for (let deed = 0; deed < 30; deed += 1) {
    const path = random.pick(PATHS);
    const burst = random.chance(0.2) ? random.between(2, 60) : 1;
    for (let time = 0; time < burst; time += 1) {
      const back = files.get(path) ?? 1;
      const kind = random.between(0, 9);
      if (kind < 5) write(path, random.between(1, 4));
      else if (kind < 7) write(path, back);
      else if (kind < 8) write(path, 'missing');
      else if (kind < 9) {
        write(path, 9);
        clock.advance(random.between(0, 50));
        write(path, back);
      } else if (burst === 1 && random.chance(0.5)) gitUntilMs = clock.now() + random.between(10, 40_000);
      else if (burst === 1) begin();
      clock.advance(random.between(0, 150));
    }
    if (random.chance(0.4)) {
      clock.advance(QUIET_MS);
      const isSame = PATHS.every((one) => found.get(one) === files.get(one));
      if (!isSame && loops === 0) violations.push('the run has not found every file as it is');
      if (isSame) counts.none += 1;
      firstMs = undefined;
    } else clock.advance(random.between(0, 2000));
  }
  return { violations, counts };
}
