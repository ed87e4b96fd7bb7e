/** One suite for both inserters, against an inserter too simple to be wrong. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  createPlainPrefixer,
  LINE_LIMIT_BYTES,
  OUTPUT_BYTES,
  prefixFrom,
  READ_BYTES,
  READ_START,
  WORKSPACE_BYTES,
  type CleanText,
  type Prefixer,
} from '../../src/output/prefixer.ts';
import { createGrowingPrefixer, createWasmPrefixer } from '../../src/output/wasm-prefixer.ts';
import { plainBytes, safeBytes } from '../../src/text/terminal-safe.ts';
import { seeded } from '../simulation/random.ts';

const WASM = new URL('../../dist/insert-prefix.wasm', import.meta.url);
if (!existsSync(WASM)) throw new Error('dist/insert-prefix.wasm is not there: `npm run build` makes it');

const PREFIXES = [
  '',
  'a',
  'web.1 | ',
  '12:34:56 worker.1         | ',
  '\u001b[0m\u001b[36mmüller.1 |\u001b[39m ',
];

function simple(lines: Buffer, prefix: string): Buffer {
  const out: number[] = [...Buffer.from(prefix)];
  for (const [at, byte] of lines.entries()) {
    out.push(byte);
    if (byte === 10 && at < lines.length - 1) out.push(...Buffer.from(prefix));
  }
  return Buffer.from(out);
}

function insert(prefixer: Prefixer, lines: Buffer, prefix: string, start: number, clean?: CleanText): Buffer {
  lines.copy(prefixer.workspace, start);
  const blocks: Buffer[] = [];
  const emit = (block: Uint8Array): void => {
    expect(block.length).toBeLessThanOrEqual(OUTPUT_BYTES + LINE_LIMIT_BYTES);
    blocks.push(Buffer.from(block));
  };
  prefixer.insert(start, start + lines.length, prefixFrom(prefix), emit, clean);
  return Buffer.concat(blocks);
}

describe.each([
  ['plain', () => createPlainPrefixer()],
  ['wasm', () => createWasmPrefixer(readFileSync(WASM))],
])('the %s prefixer', (name, create) => {
  test.each([
    ['one line', 'hello\n'],
    ['two lines', 'hello\nworld\n'],
    ['an empty line', '\n'],
    ['empty lines', '\n\n\n'],
    ['returns', 'a\r\nb\rc\n'],
    ['zeros', '\0\0\n\0\n'],
    ['UTF-8', 'grüße\n€ 😀\n'],
    ['lines of 14 to 18 bytes', [14, 15, 16, 17, 18].map((size) => `${'x'.repeat(size)}\n`).join('')],
  ])('%s', (_what, text) => {
    const prefixer = create();
    const lines = Buffer.from(text);
    for (const prefix of PREFIXES) {
      expect(insert(prefixer, lines, prefix, READ_START)).toEqual(simple(lines, prefix));
    }
  });

  test('a block of bare newlines', () => {
    const lines = Buffer.alloc(LINE_LIMIT_BYTES + READ_BYTES, '\n');
    const prefix = PREFIXES[3] ?? '';
    const got = insert(create(), lines, prefix, 0);
    expect(got.equals(Buffer.from(`${prefix}\n`.repeat(lines.length)))).toBe(true);
  });

  test('a line of the greatest length, at the very end of the workspace', () => {
    const before = WORKSPACE_BYTES - LINE_LIMIT_BYTES - 2;
    const lines = Buffer.from(`${'x'.repeat(before)}\n${'y'.repeat(LINE_LIMIT_BYTES)}\n`);
    const got = insert(create(), lines, 'web | ', 0);
    expect(got.equals(simple(lines, 'web | '))).toBe(true);
  });

  test('random bytes', () => {
    const prefixer = create();
    const generator = seeded(7);
    const random = (below: number): number => generator.between(0, below - 1);
    for (let round = 0; round < 300; round += 1) {
      const lines = Buffer.alloc(1 + random(random(10) === 0 ? READ_BYTES : 500));
      const newlines = 1 + random(100);
      for (let at = 0; at < lines.length; at += 1) lines[at] = random(newlines) === 0 ? 10 : random(256);
      lines[lines.length - 1] = 10;
      const prefix = PREFIXES[random(PREFIXES.length)] ?? '';
      const start = READ_START - random(1000);
      expect(insert(prefixer, lines, prefix, start).equals(simple(lines, prefix))).toBe(true);
      for (const clean of [safeBytes, plainBytes]) {
        const cleaned = Buffer.from(clean(lines.toString('latin1')), 'latin1');
        const got = insert(prefixer, lines, prefix, start, clean);
        expect(got.equals(simple(cleaned, prefix))).toBe(true);
      }
    }
  });

  test('each byte that is not printed, wherever it is among others', () => {
    const prefixer = create();
    for (let byte = 0; byte < 256; byte += 1) {
      for (let at = 0; at < 18; at += 1) {
        const lines = Buffer.from(`${'x'.repeat(20)}\ny\n`);
        lines[at] = byte;
        const cleaned = Buffer.from(plainBytes(lines.toString('latin1')), 'latin1');
        const got = insert(prefixer, lines, 'a ', READ_START, plainBytes);
        expect(got.equals(simple(cleaned, 'a '))).toBe(true);
      }
    }
  });

  test('text between sequences, of many blocks of output', () => {
    const prefixer = create();
    const lines = Buffer.from(`${'plain\n'.repeat(5000)}\x1b[2J\x1b[31mred\x1b[0m\n${'a\rb\n'.repeat(3000)}`);
    for (const clean of [safeBytes, plainBytes]) {
      const cleaned = Buffer.from(clean(lines.toString('latin1')), 'latin1');
      const prefix = PREFIXES[3] ?? '';
      expect(insert(prefixer, lines, prefix, READ_START, clean).equals(simple(cleaned, prefix))).toBe(true);
    }
  });

  test('text without anything to remove is not looked at twice', () => {
    const prefixer = create();
    const looked: string[] = [];
    const lines = Buffer.from('a\tb grüße €\n'.repeat(100));
    insert(prefixer, lines, 'a ', READ_START, (text) => {
      looked.push(text);
      return text;
    });
    expect(looked).toHaveLength(name === 'wasm' ? 0 : 1);
  });
});

describe('the growing prefixer', () => {
  const lines = Buffer.from('x\n'.repeat(16 * 1024));
  const print = (prefixer: Prefixer) => insert(prefixer, lines, 'a ', READ_START);
  const expected = simple(lines, 'a ');

  test.each([
    ['SIMD where there is code', true, () => readFileSync(WASM)],
    ['plain where there is none', false, () => readFileSync(new URL('./none.wasm', import.meta.url))],
    ['plain where it is damaged', false, () => new Uint8Array([1, 2, 3])],
  ])('becomes, or stays, %s, and prints the same', (_name, isFast, code) => {
    let reads = 0;
    const prefixer = createGrowingPrefixer(() => {
      reads += 1;
      return code();
    });
    expect(print(prefixer).equals(expected)).toBe(true);
    expect(reads).toBe(0);
    for (let printed = 0; printed < 40; printed += 1) expect(print(prefixer).equals(expected)).toBe(true);
    expect(reads).toBe(1);

    // In this very turn of the event loop: only the plain one asks about clean lines.
    let hasLooked = false;
    insert(prefixer, lines, 'a ', READ_START, (text) => {
      hasLooked = true;
      return text;
    });
    expect(hasLooked).toBe(!isFast);
  });
});

test('what is read lies where it can be copied to a large buffer quickly', () => {
  // malloc(3) puts its 16 bytes before that, and copies to a little further into the page are slow (prefixer.ts).
  const PAGE_BYTES = 4096;
  for (const offset of [0, 16]) {
    const further = (PAGE_BYTES + offset - (READ_START % PAGE_BYTES)) % PAGE_BYTES;
    expect(further === 0 || further > 64).toBe(true);
  }
});
