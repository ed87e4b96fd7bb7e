import { expect, test } from 'vitest';
import type { Answer } from '../../../src/core/check/answer.ts';
import { askLog } from '../../../src/os/check/log.ts';
import { createOutputWatch } from '../../../src/output/output-watch.ts';
import { createVirtualClock } from '../../helpers/virtual-clock.ts';

function listening(pattern: string) {
  const clock = createVirtualClock();
  const output = createOutputWatch();
  const kept: string[] = [];
  const inner = {
    write: (bytes: Uint8Array) => void kept.push(Buffer.from(bytes).toString()),
    endRun: () => undefined,
  };
  const tap = output.tap('web.1', inner);
  const answers: Answer[] = [];
  const stop = askLog({ kind: 'log', pattern }, 'web.1', output, clock, (answer) => answers.push(answer));
  const write = (text: string | Buffer): void => tap.write(Buffer.from(text as string));
  return { clock, output, tap, inner, kept, answers, stop, write };
}

test.each([
  { what: 'a line in pieces', writes: ['rea', 'dy', '\n'], line: 'ready' },
  {
    what: 'a character in pieces',
    writes: [Buffer.from('ready ü').subarray(0, 7), Buffer.from('ü\n').subarray(1)],
    line: 'ready ü',
  },
  { what: 'a line that was drawn over', writes: ['10 %\r20 %\rready\r'], line: 'ready' },
  { what: 'colours around each word', writes: ['\x1b[1m\x1b[32mready\x1b[0m\n'], line: 'ready' },
  { what: 'a title before it', writes: ['\x1b]0;vite\x07ready\n'], line: 'ready' },
  { what: 'one of many in a block', writes: ['a\nb\nready\nc\n'], line: 'ready' },
])('$what matches', ({ writes, line }) => {
  const { write, answers, clock } = listening('^ready');
  for (const text of writes) write(text);
  clock.advance(0);
  expect(answers).toEqual([{ is: 'yes', line }]);
});

test('a line is looked at when it has ended, or when nothing follows for half a second', () => {
  const { write, answers, clock } = listening('in 3$');
  write('ready in 3');
  write('00 ms');
  clock.advance(10_000);
  expect(answers).toEqual([]);
  write('\nready in 3');
  clock.advance(499);
  expect(answers).toEqual([]);
  clock.advance(1);
  expect(answers).toHaveLength(1);
});

test('of a long line the first 4 KiB are looked at, and of what follows nothing is kept', () => {
  const { write, answers, clock } = listening('late|next');
  write('x'.repeat(4096));
  for (let sent = 0; sent < 100; sent += 1) write('late'.repeat(10_000));
  write('\n');
  clock.advance(0);
  expect(answers).toEqual([]);
  write('next\n');
  clock.advance(0);
  expect(answers).toHaveLength(1);
});

test('nothing is heard after the match or the end of the question, and no timer is left', () => {
  const { write, answers, clock } = listening('ready');
  write('ready\nready\nread');
  write('y');
  clock.advance(1000);
  expect([answers.length, clock.timerCount]).toEqual([1, 0]);
  const other = listening('ready');
  other.write('rea');
  other.stop();
  other.write('dy\n');
  expect([other.answers.length, other.clock.timerCount]).toEqual([0, 0]);
});

test('nothing is told while the bytes are valid: what is said of it is printed by way of the same buffer', () => {
  const { write, answers, clock } = listening('ready');
  write('ready\n');
  expect(answers).toEqual([]);
  clock.advance(0);
  expect(answers).toHaveLength(1);
});

test('an earlier run that still writes is not heard, and all that is written goes on as it was', () => {
  const { output, tap, inner, kept, clock } = listening('ready');
  const next = output.tap('web.1', inner);
  const answers: Answer[] = [];
  askLog({ kind: 'log', pattern: 'ready' }, 'web.1', output, clock, (answer) => answers.push(answer));
  tap.write(Buffer.from('ready 1\n'));
  clock.advance(0);
  expect(answers).toEqual([]);
  next.write(Buffer.from('ready 2\n'));
  clock.advance(0);
  expect(answers).toEqual([{ is: 'yes', line: 'ready 2' }]);
  expect(kept).toEqual(['ready 1\n', 'ready 2\n']);
});
