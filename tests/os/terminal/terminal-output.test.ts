/** Plain lines go another way through it: nobody may be able to tell. */
import fc from 'fast-check';
import { StringDecoder } from 'node:string_decoder';
import { describe, expect, test } from 'vitest';
import { createLogLines } from '../../../src/core/terminal/log-lines.ts';
import { answerTo, createModes } from '../../../src/core/terminal/modes.ts';
import { createRecent } from '../../../src/core/terminal/recent.ts';
import { createScanner } from '../../../src/core/terminal/scanner.ts';
import { createTerminalOutput } from '../../../src/os/terminal/terminal-output.ts';

const COLUMNS = 20;
const ROWS = 40;

type Deed = { readonly bytes: Buffer } | 'piece' | 'replay';

interface Seen {
  readonly logged: string;
  readonly answers: string;
  readonly replays: readonly string[];
  readonly isDrawing: boolean;
  readonly isOnScreen: boolean;
}

/** Everything becomes tokens. */
function byTokens(deeds: readonly Deed[]): Seen {
  const decoder = new StringDecoder('utf8');
  const scanner = createScanner();
  const [modes, recent, lines] = [createModes(), createRecent(), createLogLines(COLUMNS)];
  let [logged, answers] = ['', ''];
  const replays: string[] = [];
  for (const deed of deeds) {
    if (deed === 'piece') logged += lines.holds ? lines.piece() : '';
    else if (deed === 'replay')
      replays.push((modes.isOnScreen ? '\u001b[?1049h' : '') + recent.text(ROWS) + modes.replay());
    else
      for (const token of scanner.scan(decoder.write(deed.bytes))) {
        modes.take(token);
        recent.take(token);
        answers += answerTo(token);
        logged += lines.take(token, 0);
      }
  }
  logged += lines.end();
  return { logged, answers, replays, isDrawing: lines.isDrawing, isOnScreen: modes.isOnScreen };
}

function asBuilt(deeds: readonly Deed[]): Seen {
  const output = createTerminalOutput(COLUMNS);
  const given: Buffer[] = [];
  const place = new Uint8Array(50);
  const takeLogged = (): void => {
    while (output.logged.length > 0) given.push(Buffer.from(place.subarray(0, output.logged.give(place))));
  };
  let answers = '';
  const replays: string[] = [];
  for (const [at, deed] of deeds.entries()) {
    if (deed === 'piece') {
      if (output.holds) output.piece(0);
    } else if (deed === 'replay') replays.push(output.replay(ROWS, 0));
    else answers += output.take(deed.bytes, 0);
    // Not always at once: a reader may wait.
    if (at % 3 > 0) takeLogged();
  }
  output.end(0);
  takeLogged();
  const logged = Buffer.concat(given).toString();
  return { logged, answers, replays, isDrawing: output.isDrawing, isOnScreen: output.isOnScreen };
}

const PARTS = [
  ...['plain', 'a b\tc', 'é€😀', '\ufeff', '  ', '\t'],
  ...['\r\n', '\r\n', '\r\n', '\n', '\r\r\n', '\r', '\b', '\u0000', '\u007f', '\u0085', '\u000c'],
  ...['\u001b[31m', '\u001b[0m', '\u001b[1A', '\u001b[K', '\u001b[2J', '\u001b[H', '\u001b[5G', '\u001bc'],
  ...[
    '\u001b[6n',
    '\u001b[?1049h',
    '\u001b[?1049l',
    '\u001b[?25l',
    '\u001b]0;title\u0007',
    '\u001b',
    '\u001b[',
  ],
].map((text) => Buffer.from(text));
/** No characters: too short, too long, surrogates, too large. */
const BROKEN = ['80', 'c2', 'c080', 'e282', 'e08080', 'eda080', 'f09f98', 'f0808080', 'f4908080', 'ff'].map(
  (hex) => Buffer.from(hex, 'hex'),
);
const part = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...PARTS) },
  { weight: 1, arbitrary: fc.constantFrom(...BROKEN) },
  {
    weight: 4,
    arbitrary: fc.constantFrom('text\r\n', 'more text\r\n', '\r\n').map((text) => Buffer.from(text)),
  },
  { weight: 1, arbitrary: fc.nat({ max: 250 }).map((count) => Buffer.from('\r\n'.repeat(count))) },
  { weight: 1, arbitrary: fc.nat({ max: 5000 }).map((count) => Buffer.from('x'.repeat(count))) },
);

/** The bytes cut anywhere, with a question between some. */
const story = fc
  .tuple(
    fc.array(part, { maxLength: 40 }),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom('cut', 'cut', 'cut', 'piece', 'replay')), { maxLength: 8 }),
  )
  .map(([parts, cuts]): readonly Deed[] => {
    const bytes = Buffer.concat(parts).subarray(0, 16 * 1024);
    const places = cuts
      .map(([at, what]) => [at % (bytes.length + 1), what] as const)
      .sort(([a], [b]) => a - b);
    const deeds: Deed[] = [];
    let from = 0;
    for (const [at, what] of places) {
      deeds.push({ bytes: bytes.subarray(from, at) });
      if (what !== 'cut') deeds.push(what);
      from = at;
    }
    return [...deeds, { bytes: bytes.subarray(from) }, 'replay'];
  });

const texts = (...all: readonly string[]): readonly Deed[] =>
  all.map((text) => ({ bytes: Buffer.from(text) }));

describe('what is logged, answered and replayed is the same as by tokens', () => {
  test('whatever is written, and wherever it is cut', () => {
    fc.assert(
      fc.property(story, (deeds) => {
        expect(asBuilt(deeds)).toEqual(byTokens(deeds));
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    ['plain lines', texts('one\r\ntwo\r\n', 'three\r\nfo', 'ur\r\n')],
    ['an end that is cut', texts('one\r', '\ntwo\r', '\r\n')],
    ['a return that stands alone', texts('one\r', 'tw\r\n')],
    [
      'a character that is cut',
      [...texts('one\r\n'), { bytes: Buffer.from([0xe2, 0x82]) }, { bytes: Buffer.from([0xac, 10]) }],
    ],
    ['blank lines that wait', texts('one\r\n\r\n\r\n', '\r\ntwo\r\n\r\n')],
    ['more blank lines than wait', texts('\r\n'.repeat(150), '\r\n'.repeat(150), 'one\r\n')],
    ['blank lines and a screen that is cleared', texts('one\r\n\r\n\r\n', '\u001b[2Jtwo\r\n')],
    ['colours that go on', texts('\u001b[31mone\r\n', 'two\r\n', '\u001b[0mthree\r\nfour\r\n')],
    ['a title with a newline', texts('\u001b]0;one\r\n', 'two\r\n', '\u0007three\r\n')],
    ['a prompt', [...texts('name? '), 'piece', ...texts('me\r\nyou\r\n')]],
    ['a prompt after blank lines', [...texts('\r\n\r\nname? '), 'piece', 'replay', ...texts('me\r\n')]],
  ] as readonly (readonly [string, readonly Deed[]])[])('%s', (_, deeds) => {
    expect(asBuilt(deeds)).toEqual(byTokens(deeds));
  });
});

test('much output of both kinds keeps its latest lines', () => {
  const output = createTerminalOutput(COLUMNS);
  const line = (at: number): string =>
    at % 7 === 0 ? `\u001b[31mline ${String(at)}\u001b[0m` : `line ${String(at)}`;
  for (let at = 0; at < 50_000; at += 5) {
    const block = Array.from({ length: 5 }, (_, next) => `${line(at + next)}\r\n`).join('');
    output.take(Buffer.from(block), 0);
    output.logged.give(new Uint8Array(1000));
  }
  const kept = output.replay(Infinity, 0).trimEnd().split('\r\n');
  expect(kept.length).toBeGreaterThan(1000);
  expect(kept.length).toBeLessThan(40_000);
  expect(kept).toEqual(Array.from(kept, (_, at) => line(50_000 - kept.length + at)));
});
