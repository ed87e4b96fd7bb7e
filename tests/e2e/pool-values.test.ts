/** `procsup pool` gives each value to its job as it was: whatever it contains, and wherever it comes from. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { launch, procsup, PROCSUP, type Ended } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

/** Prints its arguments, each as hexadecimal on a line of its own. */
const SHOW = `#!/bin/sh
for word; do printf %s "$word" | od -An -v -tx1 | tr -d ' \\n'; echo; done
`;

const project = (): string => scratch({ show: SHOW });

const hex = (text: string): string => Buffer.from(text).toString('hex');

const VALUES = [
  'plain',
  'two  blanks ',
  '',
  `it's "both" \\`,
  'a\nb\n\nc\n',
  '\n',
  '-n',
  '--help',
  '-',
  '$HOME `id` $(id) * ? ~ # & ; | < > (x) {a,b} !',
  'a=b',
  '%s\\n',
  '{} {1} {#} {%} {.}',
  'ä 中 🙂',
  '\t\r\u0001\u007f',
  ':::x',
];

describe('a value is one word of the program', () => {
  test('from the command line', async () => {
    const root = project();
    const { stdout, status } = await procsup(['pool', '-k', './show', ':::', ...VALUES], { cwd: root });
    expect(stdout.split('\n').slice(0, -1)).toEqual(VALUES.map(hex));
    expect(status).toBe(0);
  });

  test('from stdin with -0, and quoted by -q', async () => {
    const root = project();
    const input = VALUES.map((value) => `${value}\0`).join('');
    for (const command of [
      ['./show', 'x {}'],
      ['-q', './show', 'x {} $HOME'],
    ]) {
      const { stdout } = await run(root, ['-k', '-0', ...command], Buffer.from(input));
      const plain = command.length === 2;
      const expected = VALUES.flatMap((value) =>
        plain ? [hex('x'), hex(value)] : [hex(`x ${value} $HOME`)],
      );
      expect(stdout.split('\n').slice(0, -1)).toEqual(expected);
    }
  });

  test.runIf(process.platform === 'linux')(
    'from the command line, of any bytes, as words of the command too',
    async () => {
      const root = project();
      // Of what Node itself starts, arguments are UTF-8.
      const script = `e=$(printf '\\351'); '${PROCSUP}' pool -k --joblog log ./show "x$e" {} ::: "a$e b" "$(printf '\\303\\251')" "$(printf '\\357\\277\\275')"`;
      const { stdout, status } = await launch('/bin/sh', ['-c', script], { cwd: root }).ended;
      const x = '78e9';
      expect([stdout.split('\n').slice(0, -1), status]).toEqual([[x, '61e92062', x, 'c3a9', x, 'efbfbd'], 0]);
      expect(readFileSync(join(root, 'log'), 'latin1')).toContain('./show xé ');
    },
  );

  test('from the lines of a file, of any bytes', async () => {
    const root = project();
    const lines = [
      Buffer.from('a b'),
      Buffer.from([0xe9, 0x20, 0xff, 0xc3]),
      Buffer.from("'"),
      Buffer.from(''),
    ];
    writeFileSync(join(root, 'values'), Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])));
    const { stdout } = await procsup(['pool', '-k', '-a', 'values', './show'], { cwd: root });
    expect(stdout.split('\n').slice(0, -1)).toEqual(lines.map((line) => line.toString('hex')));
  });

  test('200 KB goes to a builtin of the shell, and a program that cannot take it fails for itself', async () => {
    const root = project();
    const value = "it's long ".repeat(20_000);
    writeFileSync(join(root, 'values'), `short\n${value}\n`);
    const whole = await procsup(['pool', '-k', '-a', 'values', 'printf %s {} | wc -c'], { cwd: root });
    expect(whole).toMatchObject({ stdout: `5\n${value.length}\n`, status: 0 });
    const refused = await procsup(['pool', '-k', '-a', 'values', './show'], { cwd: root });
    expect(refused).toMatchObject({ stdout: `${hex('short')}\n`, status: 1 });
    expect(refused.stderr).toMatch(/Argument list too long/);
  });

  test('a NUL byte in a line ends the pool with its place', async () => {
    const root = project();
    const { stderr, status } = await run(root, ['./show'], Buffer.from('a\nb\0c\n'));
    expect(stderr).toContain('invalid value in record 2 of stdin: it contains a NUL byte');
    expect(status).toBe(255);
  });
});

describe('the input is read as it is needed', () => {
  test('a value runs before the next one is there', async () => {
    const pool = launch(PROCSUP, ['pool', '-j1', 'echo got {}'], { cwd: project() });
    for (const value of ['a', 'b', 'c']) {
      pool.child.stdin.write(`${value}\n`);
      await pool.printed(`got ${value}\n`);
    }
    pool.child.stdin.end('d');
    expect(await pool.ended).toMatchObject({ status: 0, stdout: 'got a\ngot b\ngot c\ngot d\n' });
  });

  test('an input without an end is not read ahead', async () => {
    const pool = launch(
      PROCSUP,
      ['pool', '-j2', '--halt', 'now,done=20', 'echo {}', '::::', '-', ':::', 'a', 'b', 'c'],
      {
        cwd: project(),
      },
    );
    pool.child.stdin.on('error', () => undefined);
    const line = `${'x'.repeat(1000)}\n`.repeat(1000);
    let taken = 0;
    const write = (): void => {
      taken += line.length;
      pool.child.stdin.write(line, (error) => {
        if (error == null) write();
      });
    };
    write();
    expect((await pool.ended).status).toBe(0);
    // A pipe, and what streams hold, and the last one that was offered.
    expect(taken).toBeLessThan(3_000_000);
  });
});

function run(cwd: string, args: readonly string[], input: Buffer): Promise<Ended> {
  const running = launch(PROCSUP, ['pool', ...args], { cwd });
  running.child.stdin.end(input);
  return running.ended;
}
