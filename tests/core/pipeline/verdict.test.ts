import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Exit } from '../../../src/core/process/exit.ts';
import { pipelineVerdict } from '../../../src/core/pipeline/verdict.ts';
import type { SignalName } from '../../../src/core/process/signals.ts';

const exitOf = (end: number | SignalName): Exit =>
  typeof end === 'number' ? { by: 'code', code: end } : { by: 'signal', signal: end };

describe('the status of a pipeline', () => {
  test.each<[ends: readonly (number | SignalName)[], status: number, decidedBy: number | null]>([
    [[0], 0, null],
    [[3], 3, 0],
    [[0, 0], 0, null],
    [[3, 0], 3, 0],
    [[3, 4, 0], 4, 1],
    [[3, 4, 5], 5, 2],
    [['SIGPIPE', 0], 0, null],
    [[141, 0], 0, null],
    [['SIGPIPE', 141, 0], 0, null],
    [['SIGPIPE', 3], 3, 1],
    [[3, 'SIGPIPE', 0], 3, 0],
    [[0, 'SIGPIPE'], 141, 1],
    [['SIGPIPE'], 141, 0],
    [['SIGKILL', 0], 137, 0],
    [[0, 'SIGTERM'], 143, 1],
    [[127, 0], 127, 0],
    [[0, 126], 126, 1],
  ])('%j', (ends, status, decidedBy) => {
    expect(pipelineVerdict(ends.map(exitOf))).toEqual({ status, decidedBy });
  });

  test('of a stage that could not be started', () => {
    const refusal: Exit = { by: 'refusal', error: 'EMFILE', message: '' };
    expect(pipelineVerdict([refusal, exitOf(0)])).toEqual({ status: 125, decidedBy: 0 });
  });

  test.each<[ends: readonly (number | SignalName)[], status: number, decidedBy: number | null]>([
    [[3, 0], 0, null],
    [[0, 3], 3, 1],
    [[4, 'SIGPIPE'], 141, 1],
  ])('%j by its last stage only', (ends, status, decidedBy) => {
    expect(pipelineVerdict(ends.map(exitOf), { lastOnly: true })).toEqual({ status, decidedBy });
  });
});

const hasBash = spawnSync('bash', ['-c', 'true']).status === 0;

describe.runIf(hasBash)('beside bash', () => {
  interface Shape {
    readonly text: string;
    readonly reads: boolean;
    readonly writes: 'nothing' | 'some' | 'without end' | 'what it reads';
  }
  const shapes = fc.oneof(
    fc
      .integer({ min: 0, max: 255 })
      .map((code): Shape => ({ text: `exit ${code}`, reads: false, writes: 'nothing' })),
    fc.constantFrom<Shape>(
      { text: 'yes', reads: false, writes: 'without end' },
      { text: 'head -n 1', reads: true, writes: 'some' },
      { text: 'cat', reads: true, writes: 'what it reads' },
      { text: 'kill -KILL $BASHPID', reads: false, writes: 'nothing' },
    ),
  );

  /** Bash itself gives two answers when a little is written to somebody who may have gone, and none to a flood at the end. */
  const isDecided = (stages: readonly Shape[]): boolean => {
    let flow: Shape['writes'] = 'nothing';
    for (const { reads, writes } of stages) {
      if (flow === 'some' && !reads) return false;
      if (writes === 'what it reads') continue;
      flow = writes === 'some' && flow === 'nothing' ? 'nothing' : writes;
    }
    return flow !== 'without end';
  };

  test('generated pipelines end as pipefail has it, but for those whose reader had finished', () => {
    const pipelines = fc.sample(fc.array(shapes, { minLength: 1, maxLength: 5 }).filter(isDecided), 150);
    const texts = pipelines.map((stages) => stages.map(({ text }) => `(${text})`).join(' | '));
    // `eval` has one status for all: theirs are asked for inside of it.
    const asking = texts.map((text) => `${text}; echo "$?" "\${PIPESTATUS[*]}" >&3`);
    const script =
      'set -o pipefail; exec 3>&1; for each; do eval "$each" < /dev/null > /dev/null 2> /dev/null; done';
    const { stdout } = spawnSync('bash', ['-c', script, 'bash', ...asking], { encoding: 'utf8' });
    const answers = stdout.trimEnd().split('\n');
    expect(answers).toHaveLength(texts.length);
    answers.forEach((answer, index) => {
      const [pipefail, ...statuses] = answer.split(' ').map(Number);
      const { status } = pipelineVerdict(statuses.map(exitOf));
      const pardoned = statuses.slice(0, -1).includes(141);
      expect({ text: texts[index], status }).toEqual({
        text: texts[index],
        status: pardoned ? withoutPardoned(statuses) : pipefail,
      });
    });
  });

  const withoutPardoned = (statuses: readonly number[]): number =>
    statuses
      .filter((status, index) => status !== 0 && (status !== 141 || index === statuses.length - 1))
      .at(-1) ?? 0;
});
