import { describe, expect, test } from 'vitest';
import {
  awaitedStage,
  pipelineProgress,
  withLook,
  type Awaited,
  type Habit,
  type PipelineLook,
  type StageLook,
} from '../../../src/core/pipeline/progress.ts';
import type { StageWait } from '../../../src/core/pipeline/stage-wait.ts';

/** `o` waits until its output is taken, `i` for input, `?` is not known, a digit works with so many tenths of a core, `.` has ended. */
function habit(letter: string): Habit | null {
  const waits: Readonly<Record<string, StageWait>> = { o: 'output', i: 'input', '?': 'unknown' };
  if (letter === '.') return null;
  return { wait: waits[letter] ?? 'none', cpuShare: Number(letter) / 10 || 0 };
}

describe('the stage that the others wait for', () => {
  test.each<[stages: string, awaited: Awaited]>([
    ['o9i', 1],
    ['oo9ii', 2],
    ['9ii', 0],
    ['oo9', 2],
    // It waits for a disk or a clock.
    ['o0i', 1],
    ['oooo', 'stdout'],
    ['iiii', 'stdin'],
    ['o', 'stdout'],
    ['i', 'stdin'],
    ['9', null],
    // All is well: the busiest one sets the pace, if there is one.
    ['95', 0],
    ['59', 1],
    ['99', null],
    ['00', null],
    ['9??', null],
    // Found by what the others do.
    ['o?i', 1],
    ['?i', 0],
    ['o?', 1],
    ['o??i', null],
    ['??', null],
    ['?', null],
    ['o?9i', 2],
    // It looks as if everybody waited: the moment was a bad one.
    ['oi', null],
    ['ooii', null],
    // What is nearest to the end counts, and what it waits for.
    ['9io8i', 3],
    ['io', 'stdout'],
    ['o9i9', 1],
    // Who has ended is waited for by nobody.
    ['.9i', 1],
    ['..i', null],
    ['o..', null],
    ['.o', 'stdout'],
    ['i.', 'stdin'],
    ['...', null],
    ['', null],
  ])('%s: %s', (stages, awaited) => {
    expect(awaitedStage(Array.from(stages, habit))).toBe(awaited);
  });
});

describe('from looks', () => {
  const look = (wait: StageWait, amount: number, more: Partial<StageLook> = {}): StageLook => ({
    ...{ isLiving: true, wait, cpuMs: 0, readBytes: amount, writtenBytes: amount * 2 },
    ...more,
  });
  const at = (atMs: number, ...stages: readonly (StageLook | null)[]): PipelineLook => ({ atMs, stages });

  test('rates are those of the last two seconds', () => {
    let looks: readonly PipelineLook[] = [];
    for (const atMs of [0, 1000, 2000, 3000, 4000]) {
      looks = withLook(looks, at(atMs, look('none', atMs * 10), look('none', atMs > 2000 ? 100 : 0)));
    }
    expect(looks.map(({ atMs }) => atMs)).toEqual([2000, 3000, 4000]);
    expect(pipelineProgress(looks).stages).toEqual([
      { hasEnded: false, bytes: 80_000, bytesPerSecond: 20_000 },
      { hasEnded: false, bytes: 100, bytesPerSecond: 50 },
    ]);
  });

  test('a first look tells no rate; one that has ended has none either; nothing is known of another', () => {
    const ended = look('unknown', 5, { isLiving: false });
    const { stages } = pipelineProgress([at(0, ended, null, look('none', 7))]);
    expect(stages).toEqual([
      { hasEnded: true, bytes: 10, bytesPerSecond: null },
      { hasEnded: false, bytes: null, bytesPerSecond: null },
      { hasEnded: false, bytes: 7, bytesPerSecond: null },
    ]);
    expect(pipelineProgress([])).toEqual({ stages: [], awaited: null });
  });

  test('what a stage does most of the time is what it does', () => {
    const waits: readonly (readonly [StageWait, StageWait])[] = [
      ['output', 'none'],
      ['none', 'input'],
      ['output', 'none'],
    ];
    const looks = waits.map(([first, second], index) => at(index * 250, look(first, 0), look(second, 0)));
    expect(pipelineProgress(looks).awaited).toBe(1);
    expect(pipelineProgress(looks.slice(0, 2)).awaited).toBe(null);
  });

  test('whoever uses a processor works, whatever its first thread waits for', () => {
    const looks = [0, 1000].map((atMs) =>
      at(
        atMs,
        look('output', 0),
        look('unknown', 0, { cpuMs: atMs * 3 }),
        look('unknown', 0, { cpuMs: atMs / 4 }),
      ),
    );
    expect(pipelineProgress(looks).awaited).toBe(1);
  });
});
