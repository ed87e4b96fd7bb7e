import { describe, expect, test } from 'vitest';
import { createLineFramer, type PrintLines } from '../../src/output/framer.ts';
import {
  LINE_LIMIT_BYTES,
  PIPE_BYTES,
  READ_BYTES,
  READ_START,
  WORKSPACE_BYTES,
} from '../../src/output/prefixer.ts';
import { seeded } from '../simulation/random.ts';

/** A framer fed with text; what it printed is a list of `| line` and `> piece`. */
function setUp({ redraws = false, freeBytes = 8 * LINE_LIMIT_BYTES } = {}) {
  const room = { freeBytes };
  const workspace = Buffer.alloc(WORKSPACE_BYTES, '~');
  const printed: string[] = [];
  const print: PrintLines = (start, end, how) => {
    const finished = how === 'newline';
    const block = workspace.toString('latin1', start, end);
    expect(block.endsWith('\n')).toBe(true);
    if (!finished) expect(block.indexOf('\n')).toBe(block.length - 1);
    for (const line of block.slice(0, -1).split('\n')) printed.push(`${finished ? '|' : '>'} ${line}`);
  };
  const framer = createLineFramer(workspace, print, { room, redraws });
  const read = (bytes: Uint8Array | string): void => {
    const all = Buffer.from(bytes as string);
    for (let from = 0; from < all.length; from += READ_BYTES) {
      framer.take(all.copy(workspace, READ_START, from, from + READ_BYTES));
    }
  };
  /** The printed pieces put together again: what a reader of our output would do. */
  const lines = (): string[] => {
    const whole: string[] = [];
    let open = '';
    for (const piece of printed) {
      open += piece.slice(2);
      if (piece.startsWith('|')) {
        whole.push(open);
        open = '';
      }
    }
    expect(open).toBe('');
    return whole;
  };
  return { framer, read, printed, lines, room };
}

test.each([
  { reads: ['one\n'], printed: ['| one'] },
  { reads: ['one\ntwo\n'], printed: ['| one', '| two'] },
  { reads: ['o', 'n', 'e', '\n'], printed: ['| one'] },
  { reads: ['one\ntw', 'o\nthree'], printed: ['| one', '| two'] },
  { reads: ['\n', '\n\n'], printed: ['| ', '| ', '| '] },
  { reads: ['a\r\nb\rc\n'], printed: ['| a\r', '| b\rc'] },
  { reads: ['\0\n'], printed: ['| \0'] },
])('reads $reads', ({ reads, printed }) => {
  const framer = setUp();
  reads.forEach(framer.read);
  expect(framer.printed).toEqual(printed);
});

describe('an unfinished line', () => {
  test('is held, and finished at the end', () => {
    const { framer, read, printed } = setUp();
    read('prompt');
    expect(framer.holds).toBe(true);
    framer.finishLine();
    expect(framer.holds).toBe(false);
    framer.finishLine();
    expect(printed).toEqual(['| prompt']);
  });

  test('printed as a piece is followed by a finished one, be it empty', () => {
    const { framer, read, printed } = setUp();
    read('prompt');
    framer.printPiece();
    framer.printPiece();
    framer.finishLine();
    read('again');
    framer.printPiece();
    read('\nnext\n');
    expect(printed).toEqual(['> prompt', '| ', '> again', '| ', '| next']);
  });

  test('is not cut within a character', () => {
    const { framer, read, printed } = setUp();
    const [first, second] = [Buffer.from('a€').subarray(0, 3), Buffer.from('€').subarray(2)];
    read(first);
    framer.printPiece();
    expect(printed).toEqual(['> a']);
    expect(framer.holds).toBe(true);
    framer.printPiece();
    read(second);
    read('\n');
    expect(printed.map((line) => Buffer.from(line, 'latin1').toString())).toEqual(['> a', '| €']);
  });

  test('that is no UTF-8 is printed as it is', () => {
    const { framer, read, printed } = setUp();
    read(Buffer.from([0x61, 0x80, 0x80, 0x80, 0x80, 0xff]));
    framer.printPiece();
    expect(printed).toEqual(['> a\x80\x80\x80\x80\xff']);
  });
});

describe('a control sequence', () => {
  test.each([
    ['abc\x1b[', '2Jdef\n', ['> abc', '| \x1b[2Jdef']],
    ['abc\x1b', '[31;1mdef\n', ['> abc', '| \x1b[31;1mdef']],
    ['abc\x1b[31', 'mdef\n', ['> abc', '| \x1b[31mdef']],
    ['abc\x1b]0;ti', 'tle\x07def\n', ['> abc', '| \x1b]0;title\x07def']],
    ['abc\x1b(', '0def\n', ['> abc', '| \x1b(0def']],
    ['\x1b[', '2J\n', ['| \x1b[2J']],
    ['abc\x1b[31m', 'def\n', ['> abc\x1b[31m', '| def']],
    [`\x1b]0;${'x'.repeat(5000)}`, '\n', [`> \x1b]0;${'x'.repeat(5000)}`, '| ']],
  ])('is not cut in two: %j, %j', (first, second, expected) => {
    const { framer, read, printed } = setUp();
    read(first);
    framer.printPiece();
    read(second);
    expect(printed).toEqual(expected);
  });

  test('is not cut where a line is too long', () => {
    const { read, printed, lines } = setUp();
    for (const at of [1, 2, 3, 4]) {
      const text = `${'x'.repeat(LINE_LIMIT_BYTES - at)}\x1b[31mred`;
      read(`${text}\n`);
      expect(lines().at(-1)).toBe(text);
      expect(printed.filter((piece) => piece.endsWith('red')).at(-1)).toMatch(/^\| (\x1b\[31m)?red$/);
    }
  });
});

describe('of a bar that is drawn again and again', () => {
  const bar = Array.from({ length: 20_000 }, (_, at) => `\rprogress ${at}`).join('');

  test('little is held, and the last state is printed', () => {
    const { framer, read, printed, room } = setUp({ redraws: true, freeBytes: 0 });
    for (let from = 0; from < bar.length; from += 1000) read(bar.slice(from, from + 1000));
    expect(printed).toEqual([]);
    expect(room.freeBytes).toBe(0);
    framer.printPiece();
    expect(printed).toHaveLength(1);
    expect(printed[0]?.length).toBeLessThan(6000);
    expect(printed[0]?.endsWith('\rprogress 19999')).toBe(true);
  });

  test('the state before its last return is kept', () => {
    const { framer, read, printed } = setUp({ redraws: true });
    read(`${bar}\r\r`);
    framer.printPiece();
    expect(printed).toEqual(['> \rprogress 19999\r\r']);
  });

  test('nothing is lost where bytes are printed as they are', () => {
    const { framer, read, lines } = setUp();
    read(bar);
    framer.finishLine();
    expect(lines()).toEqual([bar]);
  });
});

describe('a long line', () => {
  test.each([
    { size: LINE_LIMIT_BYTES - 1, pieces: 1 },
    { size: LINE_LIMIT_BYTES, pieces: 1 },
    { size: LINE_LIMIT_BYTES + 1, pieces: 2 },
    { size: 2 * LINE_LIMIT_BYTES, pieces: 2 },
    { size: 5 * LINE_LIMIT_BYTES + 17, pieces: 6 },
  ])('of $size bytes is printed in $pieces', ({ size, pieces }) => {
    for (const before of ['', 'short\nsh', 'x'.repeat(LINE_LIMIT_BYTES - 3) + '\n']) {
      const { read, printed, lines } = setUp();
      const text = `${before}${'y'.repeat(size)}\nafter\n`;
      read(text);
      expect(lines()).toEqual(text.slice(0, -1).split('\n'));
      if (before === '') expect(printed.length).toBe(pieces + 1);
      for (const piece of printed) expect(piece.length).toBeLessThanOrEqual(LINE_LIMIT_BYTES + 2);
    }
  });

  test('that is held takes room from all, and gives it back', () => {
    const { framer, read, printed, room } = setUp({ freeBytes: 256 * 1024 });
    read('x'.repeat(64 * 1024));
    expect(room.freeBytes).toBe(256 * 1024);
    read('x'.repeat(100 * 1024));
    expect(room.freeBytes).toBe(0);
    expect(printed).toEqual([]);
    read('x'.repeat(200 * 1024));
    expect(printed.length).toBeGreaterThan(1);
    expect(room.freeBytes).toBeGreaterThan(0);
    framer.finishLine();
    expect(room.freeBytes).toBe(256 * 1024);
    expect(printed.map((piece) => piece.length - 2).reduce((sum, size) => sum + size)).toBe(364 * 1024);
  });

  test('is cut above 64 KiB where there is no room', () => {
    const { read, printed, lines } = setUp({ freeBytes: 0 });
    read(`${'x'.repeat(64 * 1024)}\n${'y'.repeat(300 * 1024)}\n`);
    expect(printed[0]).toBe(`| ${'x'.repeat(64 * 1024)}`);
    expect(printed.length).toBeGreaterThan(4);
    for (const piece of printed) expect(piece.length).toBeLessThanOrEqual(128 * 1024 + 2);
    expect(lines().map((line) => line.length)).toEqual([64 * 1024, 300 * 1024]);
  });

  test('of 16 MiB is whole when put together, and as good in small reads', () => {
    for (const [size, step] of [
      [16 * 1024 * 1024, PIPE_BYTES],
      [300_000, 1],
    ] as const) {
      const { framer, read, lines } = setUp();
      const chunk = 'abcdefg'.repeat(step).slice(0, step);
      for (let at = 0; at < size; at += step) read(chunk);
      framer.finishLine();
      const [line, ...more] = lines();
      expect(more).toEqual([]);
      expect(line === chunk.repeat(size / step)).toBe(true);
    }
  });

  test('is not cut within a character', () => {
    const { read, printed, lines } = setUp();
    const text = 'x' + '€'.repeat(100_000);
    read(`${text}\n`);
    expect(Buffer.from(lines().join(), 'latin1').toString()).toBe(text);
    for (const piece of printed) {
      expect(Buffer.from(piece, 'latin1').toString()).not.toContain('\ufffd');
    }
  });
});

test('random lines in random reads are all there, in order', () => {
  const generator = seeded(1);
  const random = (below: number): number => generator.between(0, below - 1);
  for (let round = 0; round < 60; round += 1) {
    const { framer, read, lines } = setUp();
    const expected: string[] = [];
    for (let at = 0; at < 40; at += 1) {
      const size = random(3) === 0 ? random(200_000) : random(100);
      expected.push(String.fromCharCode(97 + random(26)).repeat(size));
    }
    const text = Buffer.from(`${expected.join('\n')}\n`);
    for (let from = 0; from < text.length;) {
      const size = 1 + random(random(2) === 0 ? READ_BYTES : 20_000);
      read(text.subarray(from, from + size));
      from += size;
      if (random(5) === 0) framer.printPiece();
    }
    framer.finishLine();
    expect(lines()).toEqual(expected);
  }
});
