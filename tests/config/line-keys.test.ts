import { describe, expect, test } from 'vitest';
import { NO_KEYS, stepKeys, type KeyEffect } from '../../src/config/entries/line-keys.ts';

/** What comes of pieces that are typed one after the other, in few words. */
function type(...pieces: readonly string[]): { readonly line: string; readonly told: readonly string[] } {
  let keys = NO_KEYS;
  const told: string[] = [];
  for (const piece of pieces) {
    const step = stepKeys(keys, piece);
    keys = step.keys;
    told.push(...step.effects.map(word));
  }
  return { line: keys.line, told };
}

const word = (effect: KeyEffect): string => {
  if (effect.type === 'signal') return effect.signal;
  return 'text' in effect ? `${effect.type} ${JSON.stringify(effect.text)}` : effect.type;
};

/** All but the echo. */
const deeds = (...pieces: readonly string[]) => type(...pieces).told.filter((one) => !one.startsWith('echo'));

describe('a line', () => {
  test('is echoed key by key and sent as a whole', () => {
    expect(type('hé\r').told).toEqual(['echo "h"', 'echo "é"', 'echo "\\r\\n"', 'send "hé\\n"']);
  });

  test.each([
    ['ab\x7fc\r', 'send "ac\\n"'],
    ['ab\bc\r', 'send "ac\\n"'],
    ['a😀\x7f\r', 'send "a\\n"'],
    ['\x7f\x7fa\r', 'send "a\\n"'],
    ['abc\x15d\r', 'send "d\\n"'],
    ['a\tb\n', 'send "a\\tb\\n"'],
    ['a\x01\x02\x9bb\r', 'send "ab\\n"'],
    ['\r', 'send "\\n"'],
  ])('%j', (typed, sent) => {
    expect(deeds(typed)).toEqual([sent]);
  });

  test('what is taken back is wiped, and nothing before it', () => {
    expect(type('a\x7f\x7f').told).toEqual(['echo "a"', 'echo "\\b \\b"']);
    expect(type('ab\x15').told.at(-1)).toBe('echo "\\b \\b\\b \\b"');
  });

  test('goes on over pieces', () => {
    expect(deeds('a', 'b', '\rc')).toEqual(['send "ab\\n"']);
    expect(type('a', 'b', '\rc').line).toBe('c');
  });
});

describe('keys that act', () => {
  test.each([
    ['\x03', ['SIGINT']],
    ['\x1c', ['SIGQUIT']],
    ['\x04', ['end']],
    ['ab\x04', ['send "ab"']],
    ['ab\x04\x04', ['send "ab"', 'end']],
    ['a\x03\r', ['SIGINT', 'send "a\\n"']],
    ['\x10\x11', ['detach']],
    ['a\x10b\x11\r', ['send "ab\\n"']],
    ['\x10\x10\x11', ['detach']],
    ['\x11', []],
  ])('%j', (typed, told) => {
    expect(deeds(typed)).toEqual(told);
  });

  test('Ctrl-P and Ctrl-Q may come apart', () => {
    expect(deeds('\x10', '\x11')).toEqual(['detach']);
  });

  test('nothing is sent by what comes after one has left', () => {
    expect(deeds('\x10\x11rm -r .\r')).toEqual(['detach']);
  });
});

describe('keys that no line can hold', () => {
  test.each([
    ['an arrow', 'a\x1b[Ab\r'],
    ['with parameters', 'a\x1b[1;5Cb\r'],
    ['delete', 'a\x1b[3~b\r'],
    ['F1', 'a\x1bOPb\r'],
    ['Alt and a letter', 'a\x1bxb\r'],
    ['two in a row', 'a\x1b[A\x1b[Bb\r'],
    ['one that another one cuts', 'a\x1b[1\x1b[Bb\r'],
    ['escape alone, twice', 'a\x1b\x1b[Ab\r'],
  ])('%s', (_key, typed) => {
    expect(deeds(typed)).toEqual(['send "ab\\n"']);
    expect(deeds(...Array.from(typed))).toEqual(['send "ab\\n"']);
  });

  test('what acts, acts in the middle of one too', () => {
    expect(deeds('\x1b[\x03')).toEqual(['SIGINT']);
    expect(deeds('a\x1b\r')).toEqual(['send "a\\n"']);
  });
});
