import { expect, test } from 'vitest';
import { answerTo, createModes } from '../../../src/core/terminal/modes.ts';
import { createRecent } from '../../../src/core/terminal/recent.ts';
import { createScanner } from '../../../src/core/terminal/scanner.ts';

const E = '\u001b';

function after(text: string) {
  const modes = createModes();
  const recent = createRecent();
  let answers = '';
  for (const token of createScanner().scan(text)) {
    modes.take(token);
    recent.take(token);
    answers += answerTo(token);
  }
  return { modes, recent, answers };
}

test.each([
  ['nothing', 'text', '', `${E}[0m`],
  ['paste and cursor', `${E}[?2004h${E}[?25l`, `${E}[?2004h${E}[?25l`, `${E}[?2004l${E}[?25h${E}[0m`],
  ['set and unset', `${E}[?2004h${E}[?25l${E}[?2004l${E}[?25h`, '', `${E}[0m`],
  ['several at once', `${E}[?1002;1006h`, `${E}[?1002h${E}[?1006h`, `${E}[?1002l${E}[?1006l${E}[0m`],
  ['keypad', `${E}=`, `${E}=`, `${E}>${E}[0m`],
  ['modifier keys', `${E}[>4;2m`, `${E}[>4;2m`, `${E}[>4;0m${E}[0m`],
  ['all are forgotten by RIS', `${E}[?2004h${E}=${E}[?25l${E}c`, '', `${E}[0m`],
])('%s', (_, text, replay, reset) => {
  const { modes } = after(text);
  expect([modes.replay(), modes.reset()]).toEqual([replay, reset]);
});

test('the alternate screen is known, left by the reset, and not entered twice', () => {
  const { modes } = after(`${E}[?1049h`);
  expect([modes.isOnScreen, modes.replay(), modes.reset()]).toEqual([true, '', `${E}[?1049l${E}[0m`]);
  expect(after(`${E}[?1049h${E}[?1049l`).modes.isOnScreen).toBe(false);
});

test('only the question for the cursor is answered', () => {
  expect(after(`${E}[6n`).answers).toBe(`${E}[1;1R`);
  expect(after(`${E}[c${E}[>c${E}[5n${E}]11;?\u0007${E}[?6n`).answers).toBe('');
});

test('what was drawn since the last clear is kept, without what another terminal would answer', () => {
  expect(after(`old${E}[2Jnew`).recent.text(10)).toBe(`${E}[2Jnew`);
  expect(after(`old${E}[?1049hnew`).recent.text(10)).toBe(`${E}[?1049hnew`);
  expect(after(`a${E}[6n${E}[c${E}]11;?\u0007${E}P+q\u001b\\b`).recent.text(10)).toBe('ab');
});

test('no more lines than the screen has, and no more than is sensible', () => {
  expect(after('1\r\n2\r\n3').recent.text(2)).toBe('2\r\n3');
  expect(after('1\r\n2\r\n3').recent.text(5)).toBe('1\r\n2\r\n3');
  expect(after('x'.repeat(50) + '\n').recent.text(1)).toBe('');
  const much = after(`${'x'.repeat(99)}\n`.repeat(5000)).recent.text(1_000_000);
  expect(much.length).toBeLessThan(140_000);
});
