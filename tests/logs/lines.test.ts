import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLogLines, LOG_LINE_LIMIT_BYTES, type LogLine } from '../../src/logs/lines.ts';
import { AFTER_GAP, ENDS_RUN, type LogSegment } from '../../src/logs/segment.ts';

const segment = (text: string | Uint8Array, stamp: number, flags = 0): LogSegment => ({
  bytes: Buffer.from(text as string),
  stamp,
  flags,
});

function linesOf(pieces: readonly (readonly LogSegment[])[]): LogLine[] {
  const lines = createLogLines();
  const all: LogLine[] = [];
  for (const piece of pieces) {
    lines.feed(piece);
    for (let line = lines.next(); line !== undefined; line = lines.next()) all.push(line);
  }
  const last = lines.finish();
  return last === undefined ? all : [...all, last];
}

const shown = (lines: readonly LogLine[]): string[] =>
  lines.map(({ stamp, text }) => `${stamp} ${text.toString()}`);

test.each([
  { segments: [segment('one\ntwo\n', 1)], lines: ['1 one', '1 two'] },
  { segments: [segment('o', 1), segment('ne\ntw', 2), segment('o', 3)], lines: ['1 one', '2 two'] },
  { segments: [segment('one', 1), segment('\n', 2), segment('\n', 3)], lines: ['1 one', '3 '] },
  { segments: [segment('a\r\nb\rc\n', 1)], lines: ['1 a\r', '1 b\rc'] },
  { segments: [segment('one', 1), segment('', 2, ENDS_RUN), segment('two', 3)], lines: ['1 one', '3 two'] },
  { segments: [segment('one\n', 1, ENDS_RUN), segment('', 2, ENDS_RUN)], lines: ['1 one'] },
  { segments: [segment('one', 1), segment('two\n', 2, AFTER_GAP)], lines: ['1 one', '2 two'] },
])('$lines', ({ segments, lines }) => {
  expect(shown(linesOf([segments]))).toEqual(lines);
  expect(shown(linesOf(segments.map((each) => [each])))).toEqual(lines);
});

test('whatever the bytes and however they are cut, lines are what is between newlines', () => {
  const bytes = fc.uint8Array({ maxLength: 40 }).map((all) => all.map((byte) => (byte < 60 ? 10 : byte)));
  fc.assert(
    fc.property(fc.array(fc.array(bytes, { maxLength: 4 }), { maxLength: 8 }), (pieces) => {
      let stamp = 0;
      const stamped = pieces.map((piece) => piece.map((each) => segment(each, ++stamp)));
      const whole = Buffer.concat(pieces.flat());
      const expected = whole.toString('latin1').split('\n');
      if (expected.at(-1) === '') expected.pop();
      const lines = linesOf(stamped);
      expect(lines.map(({ text }) => text.toString('latin1'))).toEqual(expected);
      // A line has the stamp of its first byte, an empty one that of its newline.
      const stamps = stamped.flat().flatMap((each) => Array<number>(each.bytes.length).fill(each.stamp));
      let at = 0;
      for (const line of lines) {
        expect(line.stamp).toBe(stamps[at]);
        at += line.text.length + 1;
      }
    }),
  );
});

test('a line of the limit is whole, a longer one comes in pieces', () => {
  const whole = 'x'.repeat(LOG_LINE_LIMIT_BYTES);
  expect(shown(linesOf([[segment(`${whole}\n`, 1)]]))).toEqual([`1 ${whole}`]);
  const lines = linesOf([[segment(`${whole}yz\nnext\n`, 1)]]);
  expect(shown(lines)).toEqual([`1 ${whole}`, '1 yz', '1 next']);
  expect(lines.map(({ isFinished }) => isFinished)).toEqual([false, true, true]);
});

test('pieces of a long line are all of it, are cut between characters, and bytes that are no UTF-8 end too', () => {
  for (const text of ['€'.repeat(80_000), '😀'.repeat(50_000), `a${'ä'.repeat(100_000)}`]) {
    for (const chunk of [1_000, 65_535, 300_000]) {
      const bytes = Buffer.from(`${text}\n`);
      const cut = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, at) =>
        segment(bytes.subarray(at * chunk, (at + 1) * chunk), at),
      );
      const lines = linesOf([cut]);
      expect(lines.map((line) => line.text.toString()).join('') === text).toBe(true);
      expect(lines.every((line) => line.text.length <= LOG_LINE_LIMIT_BYTES)).toBe(true);
    }
  }
  const noText = Buffer.alloc(200_000, 0x80);
  expect(Buffer.concat(linesOf([[segment(noText, 1)]]).map(({ text }) => text)).equals(noText)).toBe(true);
});
