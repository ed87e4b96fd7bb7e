/** The machine of a watch, event by event on a clock of its own. */
import { describe, expect, test } from 'vitest';
import type { Content } from '../../../src/core/watch/content.ts';
import { newWatch, stepWatch, type WatchEffect, type WatchEvent } from '../../../src/core/watch/watch.ts';

const file = (hash: number): Content => ({ size: 1, mtimeMs: hash, ctimeMs: hash, hash });
const A = '/p/a.ts';
const B = '/p/b.ts';

type Look = Partial<Omit<Extract<WatchEvent, { type: 'looked' }>, 'type' | 'look' | 'now'>>;

/** A watch, and files whose content the test says. */
function watching(debounceMs = 200) {
  let nowMs = 100_000;
  let state = newWatch(nowMs);
  let dueMs: number | undefined;
  let seen: WatchEffect[] = [];
  const files = new Map<string, Content>([A, B].map((path) => [path, file(1)]));
  const known = new Map(files);
  let looking: number | undefined;

  const step = (event: WatchEvent): void => {
    const { state: next, effects } = stepWatch(state, event, { debounceMs }, nowMs);
    state = next;
    for (const effect of effects) {
      if (effect.type === 'wait') dueMs = nowMs + effect.ms;
      else if (effect.type === 'look') looking = effect.look;
      else seen.push(effect);
    }
  };
  const watch = {
    at: () => nowMs,
    pass(ms: number): void {
      const untilMs = nowMs + ms;
      while (dueMs !== undefined && dueMs <= untilMs) {
        nowMs = Math.max(nowMs, dueMs);
        dueMs = undefined;
        step({ type: 'time' });
        if (looking !== undefined && watch.looksAtOnce) watch.look();
      }
      nowMs = untilMs;
    },
    looksAtOnce: true,
    answer: {} as Look,
    isLooking: () => looking !== undefined,
    look(): void {
      const look = looking ?? 0;
      looking = undefined;
      const now = new Map(files);
      for (const [path, content] of files) known.set(path, content);
      const defaults = {
        isMoving: false,
        isGitBusy: false,
        away: new Set<string>(),
        ignored: new Set<string>(),
      };
      step({ type: 'looked', look, now, ...defaults, ...watch.answer });
    },
    write(path: string, hash: number | 'missing'): void {
      files.set(path, hash === 'missing' ? 'missing' : file(hash));
      step({ type: 'changed', before: new Map([[path, known.get(path) ?? 'missing']]) });
    },
    writeAll(paths: readonly string[]): void {
      for (const path of paths) files.set(path, file(2));
      step({ type: 'changed', before: new Map(paths.map((path) => [path, 'missing'])) });
    },
    begin: () => step({ type: 'began' }),
    took(): readonly WatchEffect[] {
      const all = seen;
      seen = [];
      return all;
    },
    files: () => watch.took().map((effect) => (effect.type === 'act' ? effect.files.join(' ') : effect.type)),
  };
  return watch;
}

test('a save is one restart, when it has been quiet for the debounce', () => {
  const watch = watching();
  watch.write(A, 2);
  watch.pass(199);
  expect(watch.files()).toEqual([]);
  watch.pass(1);
  expect(watch.files()).toEqual([A]);
  watch.pass(60_000);
  expect(watch.files()).toEqual([]);
});

test('a save of many files is one restart', () => {
  const watch = watching();
  for (let round = 0; round < 10; round += 1) {
    watch.write(A, 2 + round);
    watch.pass(100);
    watch.write(B, 2 + round);
    watch.pass(100);
  }
  watch.pass(10_000);
  expect(watch.took()).toEqual([{ type: 'act', files: [A, B], isUnsettled: false }]);
});

test('a save that changes nothing is no restart', () => {
  const watch = watching();
  watch.write(A, 1);
  watch.pass(60_000);
  expect(watch.took()).toEqual([]);
});

test('a branch and back within one wait is no restart', () => {
  const watch = watching();
  watch.write(A, 2);
  watch.pass(150);
  watch.write(A, 1);
  watch.pass(60_000);
  expect(watch.took()).toEqual([]);
});

test('a file that is made and removed again is no change, one that is removed is', () => {
  const watch = watching();
  watch.write('/p/new', 5);
  watch.write('/p/new', 'missing');
  watch.pass(1000);
  expect(watch.took()).toEqual([]);
  watch.write(A, 'missing');
  watch.pass(1000);
  expect(watch.files()).toEqual([A]);
});

test('files that go on changing are acted on after 5 seconds', () => {
  const watch = watching();
  let at = 0;
  const acts: number[] = [];
  for (; at < 12_000; at += 100) {
    watch.write(A, 10 + at);
    watch.pass(100);
    for (const effect of watch.took()) {
      expect(effect).toMatchObject({ type: 'act', isUnsettled: true });
      acts.push(at + 100);
    }
  }
  expect(acts).toEqual([5000, 10_000]);
});

test('a file that is being written is looked at again', () => {
  const watch = watching();
  watch.answer = { isMoving: true };
  watch.write(A, 2);
  watch.pass(1000);
  expect(watch.took()).toEqual([]);
  watch.answer = {};
  watch.pass(50);
  expect(watch.files()).toEqual([A]);
});

test('what comes during a look is waited for', () => {
  const watch = watching();
  watch.looksAtOnce = false;
  watch.write(A, 2);
  watch.pass(200);
  expect(watch.isLooking()).toBe(true);
  watch.write(B, 2);
  watch.look();
  watch.looksAtOnce = true;
  expect(watch.took()).toEqual([]);
  watch.pass(200);
  expect(watch.files()).toEqual([`${A} ${B}`]);
});

describe('a checkout or rebase in progress is waited for', () => {
  test('until it is over', () => {
    const watch = watching();
    watch.answer = { isGitBusy: true };
    watch.write(A, 2);
    watch.pass(29_000);
    expect(watch.took()).toEqual([]);
    watch.answer = {};
    watch.pass(100);
    expect(watch.files()).toEqual([A]);
  });

  test('for 30 seconds at most', () => {
    const watch = watching();
    watch.answer = { isGitBusy: true };
    watch.write(A, 2);
    watch.pass(29_900);
    expect(watch.took()).toEqual([]);
    watch.pass(200);
    expect(watch.files()).toEqual([A]);
  });
});

test('a watched path that is removed is waited for, and its return is one restart', () => {
  const watch = watching();
  watch.answer = { away: new Set([A]) };
  watch.write(A, 'missing');
  watch.pass(60_000);
  expect(watch.took()).toEqual([]);
  watch.write(B, 2);
  watch.pass(1000);
  expect(watch.files()).toEqual([B]);
  watch.answer = {};
  watch.write(A, 1);
  watch.pass(1000);
  expect(watch.took()).toEqual([]);
  watch.answer = { away: new Set([A]) };
  watch.write(A, 'missing');
  watch.pass(1000);
  watch.answer = {};
  watch.write(A, 2);
  watch.pass(1000);
  expect(watch.files()).toEqual([A]);
});

test('what the repository ignores is no change', () => {
  const watch = watching();
  watch.answer = { ignored: new Set([A]) };
  watch.write(A, 2);
  watch.pass(1000);
  expect(watch.took()).toEqual([]);
});

describe('what changes before a run begins does not restart it', () => {
  test('and is known from then on', () => {
    const watch = watching();
    watch.write(A, 2);
    watch.begin();
    watch.pass(60_000);
    expect(watch.took()).toEqual([{ type: 'learn', paths: [A] }]);
  });

  test('not even where it is looked at already', () => {
    const watch = watching();
    watch.looksAtOnce = false;
    watch.write(A, 2);
    watch.pass(200);
    watch.begin();
    watch.look();
    watch.pass(60_000);
    expect(watch.files()).toEqual(['learn']);
  });

  test('what comes after it does', () => {
    const watch = watching();
    watch.write(A, 2);
    watch.begin();
    watch.write(B, 2);
    watch.pass(200);
    expect(watch.files()).toEqual(['learn', B]);
  });
});

describe('three restarts in a row by the same files, soon after the start, end the restarts for these files', () => {
  const loop = (watch: ReturnType<typeof watching>, times: number, path = A) => {
    for (let time = 0; time < times; time += 1) {
      watch.begin();
      watch.pass(1000);
      watch.write(path, watch.at());
      watch.pass(1000);
    }
  };

  test('they are named, and others still count', () => {
    const watch = watching();
    loop(watch, 5);
    expect(watch.took()).toEqual([
      ...Array.from({ length: 3 }, () => ({ type: 'act', files: [A], isUnsettled: false })),
      { type: 'loop', files: [A] },
      // What it has become by the start of the next run.
      { type: 'learn', paths: [A] },
    ]);
    watch.write(B, 2);
    watch.pass(200);
    expect(watch.files()).toEqual([B]);
  });

  test('such a file counts again when it has been quiet for 5 seconds', () => {
    const watch = watching();
    loop(watch, 4);
    watch.took();
    watch.pass(4000);
    watch.write(A, 3);
    watch.pass(4900);
    watch.write(A, 4);
    watch.pass(1000);
    expect(watch.took()).toEqual([]);
    watch.pass(4000);
    watch.write(A, 5);
    watch.pass(200);
    expect(watch.files()).toEqual([A]);
  });

  test('saves of different files are no loop, nor are those that come later', () => {
    const watch = watching();
    loop(watch, 3);
    loop(watch, 3, B);
    expect(watch.files()).toEqual([A, A, A, B, B, B]);
    for (let time = 0; time < 6; time += 1) {
      watch.begin();
      watch.pass(6000);
      watch.write(A, watch.at());
      watch.pass(1000);
    }
    expect(watch.files()).toEqual([A, A, A, A, A, A]);
  });
});

test('without a debounce the look comes at once', () => {
  const watch = watching(0);
  watch.write(A, 2);
  watch.pass(0);
  expect(watch.files()).toEqual([A]);
});

test('after a long checkout the files may still settle, and the 5 seconds begin then', () => {
  const watch = watching();
  watch.write(A, 2);
  watch.answer = { isGitBusy: true };
  watch.pass(8_000);
  watch.write(B, 2);
  watch.answer = { isGitBusy: false, isMoving: true };
  watch.pass(300);
  expect(watch.took()).toEqual([]);
  watch.answer = {};
  watch.pass(200);
  expect(watch.took()).toEqual([{ type: 'act', files: [A, B], isUnsettled: false }]);
});

test('looks at thousands of files while git is at work are seldom', () => {
  const watch = watching();
  watch.writeAll(Array.from({ length: 10_000 }, (_, at) => `/p/${String(at)}`));
  watch.answer = { isGitBusy: true };
  let looks = 0;
  watch.looksAtOnce = false;
  for (let ms = 0; ms < 10_000; ms += 50) {
    watch.pass(50);
    if (!watch.isLooking()) continue;
    looks += 1;
    watch.look();
  }
  expect(looks).toBeLessThan(20);
});
