import { createHash } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { until } from '../helpers/eventually.ts';
import { isAlive } from '../helpers/proc.ts';
import { procsup } from '../helpers/procsup.ts';
import { PUPPET } from '../helpers/puppets.ts';
import { scratch } from '../helpers/scratch.ts';
import { startWith } from '../helpers/start.ts';

const pipe = (args: readonly string[], files: Readonly<Record<string, string>> = {}) =>
  procsup(['pipe', ...args], { cwd: scratch(files) });

const quiet = (status: number, stdout = '') => ({ status, signal: null, stdout, stderr: '' });

describe('the status of the whole', () => {
  test.each([
    ['yes | head -1', 0, 'y\n'],
    ['seq 1000000 | sort -n | tail -1', 0, '1000000\n'],
    ['exit 3 | exit 4 | true', 4, ''],
    ['exit 3 | true', 3, ''],
    ['exit 7', 7, ''],
    ["sh -c 'kill -KILL $$' | cat", 137, ''],
    ["true | sh -c 'kill -KILL $$'", 137, ''],
    ["true | sh -c 'kill -PIPE $$'", 141, ''],
    ['seq 5 | { head -1; exit 0; } | cat', 0, '1\n'],
  ])('%s: %i', async (line, status, stdout) => {
    expect(await pipe([line])).toEqual(quiet(status, stdout));
  });

  test('is with --last that of the last stage', async () => {
    expect(await pipe(['--last', 'exit 3 | exit 4 | true'])).toEqual(quiet(0));
    expect(await pipe(['--last', 'exit 3 | exit 4'])).toEqual(quiet(4));
  });

  test.each([
    ['first', (bad: string) => `${bad} | cat | cat`],
    ['in the middle', (bad: string) => `true | ${bad} | cat`],
    ['last', (bad: string) => `true | cat | ${bad}`],
  ])('is 127 for a program that is not found, 126 for one that is none: %s', async (_, line) => {
    const cwd = scratch({ plain: 'text' });
    chmodSync(join(cwd, 'plain'), 0o644);
    const missing = await procsup(['pipe', line('no-such-program')], { cwd });
    expect(missing).toMatchObject({ status: 127, stdout: '' });
    expect(missing.stderr).toContain('no-such-program');
    const words = line('./plain').split(' ');
    const refused = await procsup(['pipe', ...words], { cwd });
    expect(refused).toMatchObject({ status: 126, stdout: '' });
    expect(refused.stderr).toContain('plain');
  });
});

describe('the data', () => {
  test('pass as they are, all byte values, through three stages', async () => {
    const block = Buffer.from(Array.from({ length: 1 << 16 }, (_, at) => (at * 31 + (at >> 8)) & 255));
    const input = Buffer.concat(Array.from({ length: 64 }, () => block));
    const run = startWith({
      files: {
        'make.mjs': `const block = Buffer.from(Array.from({ length: 65536 }, (_, at) => (at * 31 + (at >> 8)) & 255));
import { writeSync } from 'node:fs';
for (let count = 0; count < 64; count += 1) {
  for (let rest = block; rest.length > 0;) rest = rest.subarray(writeSync(1, rest));
}`,
      },
      args: ['pipe', `${process.execPath} make.mjs | cat | tee copy`],
    });
    expect(await run.ended).toEqual({ status: 0, signal: null });
    const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    expect(sum(run.bytes)).toBe(sum(input));
    expect(sum(readFileSync(join(run.root, 'copy')))).toBe(sum(input));
  });

  test('come from our stdin', async () => {
    const run = startWith({ args: ['pipe', 'cat | tr a-z A-Z'], through: 'echo hello | "$@"' });
    expect(await run.ended).toEqual({ status: 0, signal: null });
    expect(run.stdout).toBe('HELLO\n');
  });

  test('may go nowhere, and nobody complains', async () => {
    const run = startWith({ args: ['pipe', 'echo hello | cat'], through: '"$@" > /dev/null' });
    expect(await run.ended).toEqual({ status: 0, signal: null });
    expect(run.stderr).toBe('');
  });

  test('are with |& those of stderr too', async () => {
    expect(await pipe(['{ echo out; echo err >&2; } |& sort'])).toEqual(quiet(0, 'err\nout\n'));
    expect(await pipe(['{ echo out; echo err >&2; } | sort'])).toMatchObject({
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('are in real pipes, which can be opened again', async () => {
    expect(await pipe(['echo again > /dev/stdout | cat /dev/stdin | cat'])).toEqual(quiet(0, 'again\n'));
  });

  test('pass through a hundred stages', async () => {
    const line = ['echo far', ...Array.from({ length: 99 }, () => 'cat')].join(' | ');
    expect(await pipe([line])).toEqual(quiet(0, 'far\n'));
  });

  test.each(['<&-', '>&-', '<&- >&-'])('may have nowhere to come from or to go to: %s', async (closed) => {
    const run = startWith({ args: ['pipe', 'cat | cat'], through: `exec "$@" < /dev/null ${closed}` });
    const { status, signal } = await run.ended;
    // What a shell that was started like this makes of it depends on the programs: it only has to end.
    expect(signal).toBe(null);
    expect([0, 1]).toContain(status);
    expect(run.stderr).not.toContain('internal');
  });
});

describe('a pipeline of words', () => {
  test('keeps them as they are', async () => {
    expect(await pipe(['printf', '%s\n', 'a  b', `'"$HOME`, '*', '|', 'cat'])).toEqual(
      quiet(0, `a  b\n'"$HOME\n*\n`),
    );
  });

  test('has no shell language', async () => {
    expect(await pipe(['echo', 'a', '>', 'b', '&&', 'c'])).toEqual(quiet(0, 'a > b && c\n'));
  });
});

describe('a process of the Procfile', () => {
  const files = {
    Procfile: `count: seq 3\nshow: sh -c 'cat; echo "$PS $PORT $A"'\nargs: env printf '[%s]'\nboth: true; true\n`,
    '.env': 'A=mine\n',
  };

  test('is a stage by its name, with its environment', async () => {
    expect(await pipe(['count | show'], files)).toEqual(quiet(0, '1\n2\n3\nshow.1 5100 mine\n'));
    expect(await pipe(['count', '|', 'show'], files)).toEqual(quiet(0, '1\n2\n3\nshow.1 5100 mine\n'));
  });

  test('takes words, expansions and redirections', async () => {
    expect(await pipe(['args', 'a b', '*', '|', 'cat'], files)).toEqual(quiet(0, '[a b][*]'));
    expect(await pipe([`args "a b" "$A" 2> /dev/null | cat`], files)).toEqual(quiet(0, '[a b][mine]'));
    expect(await pipe(['count > out; cat out | tail -1'], files)).toEqual(quiet(0, '3\n'));
  });

  test('takes none where they would have no certain place', async () => {
    const { status, stderr } = await pipe(['both x | cat'], files);
    expect(status).toBe(2);
    expect(stderr).toContain("cannot add arguments to 'both'");
  });

  test('other programs have the environment of the application', async () => {
    expect(await pipe([`echo "$A" | cat`], files)).toEqual(quiet(0, 'mine\n'));
  });
});

test.each([
  ['seq 3 | | sort', /missing command before '\|'\n {4}seq 3 \| \| sort\n {12}\^\n/],
  ['seq 3 |', /missing command after '\|'\n {4}seq 3 \|\n {10}\^\n/],
  ["echo 'a | b", /unclosed '''\n {4}echo 'a \| b\n {9}\^\n/],
])('%s is refused with a caret', async (line, message) => {
  const { status, stdout, stderr } = await pipe([line]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(message);
});

describe('--stats', () => {
  const line = 'head -c 1000000 /dev/zero | cat';

  test('prints a table on stderr', async () => {
    const { status, stdout, stderr } = await pipe(['--stats', line]);
    expect({ status, length: stdout.length }).toEqual({ status: 0, length: 1_000_000 });
    const [heads, first, second] = stderr.split('\n');
    expect(heads).toMatch(/^STAGE +PID +STATUS +TIME +CPU +PEAK +READ +WRITTEN +COMMAND$/);
    expect(first).toMatch(/^ +1 +\d+ +0 .* head -c 1000000 \/dev\/zero$/);
    expect(second).toMatch(/^ +2 +\d+ +0 .* cat$/);
  });

  test('prints JSON as well', async () => {
    const { stderr } = await pipe(['--stats=json', `${line} | { cat > /dev/null; exit 3; }`]);
    const told = JSON.parse(stderr) as {
      readonly status: number;
      readonly stages: readonly Readonly<Record<string, unknown>>[];
    };
    expect(told.status).toBe(3);
    expect(told.stages.map(({ status }) => status)).toEqual([0, 0, 3]);
    // Those that end together may have a share of a sum each, but the sum is exact.
    const sum = (figure: string) => told.stages.reduce((total, stage) => total + Number(stage[figure]), 0);
    expect(sum('bytesWritten')).toBeGreaterThanOrEqual(3_000_000);
    expect(sum('bytesWritten')).toBeLessThan(3_000_100);
    expect(sum('bytesRead')).toBeGreaterThanOrEqual(3_000_000);
    expect(told.stages[0]).toMatchObject({ stage: 1, command: 'head -c 1000000 /dev/zero' });
  });

  test('knows exactly what a stage did that ended alone', async () => {
    const { stderr } = await pipe(['--stats=json', 'head -c 1000000 /dev/zero']);
    const { stages } = JSON.parse(stderr) as {
      readonly stages: readonly { readonly bytesWritten: number }[];
    };
    expect(stages).toMatchObject([{ approximate: false, status: 0 }]);
    // libuv writes one before the program begins.
    expect([1_000_000, 1_000_001]).toContain(stages[0]?.bytesWritten);
  });

  test('takes no other form', async () => {
    const { status, stderr } = await pipe(['--stats=xml', 'true']);
    expect({ status, stderr }).toMatchObject({
      status: 2,
      stderr: "procsup: '--stats' takes no value except json\nSee 'procsup pipe --help'.\n",
    });
  });
});

describe('an end that is asked for', () => {
  test('--timeout: 124', async () => {
    expect(await pipe(['--timeout', '200ms', 'sleep 1000 | cat'])).toEqual(quiet(124));
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const)('%s reaches every stage and what it has started: %i', async (signal, status) => {
    const run = startWith({
      files: { Procfile: `a: ${PUPPET}\nb: ${PUPPET}\n` },
      args: ['pipe', 'a | b'],
    });
    const [a, b] = await Promise.all([run.puppet('a.1'), run.puppet('b.1')]);
    const apart = await b.start('sleep 1000', { apart: true });
    await a.listen(signal);
    run.kill(signal);
    await a.hears(signal);
    a.die('SIGKILL');
    expect((await run.ended).status).toBe(signal === 'SIGINT' ? 130 : status);
    await until(() => !isAlive(apart), 'what was started apart has ended');
  });

  test('kill -9 of procsup leaves nothing', async () => {
    const run = startWith({
      files: { Procfile: `a: ${PUPPET}\nb: ${PUPPET}\n` },
      args: ['pipe', 'a | b'],
    });
    const [a, b] = await Promise.all([run.puppet('a.1'), run.puppet('b.1')]);
    await a.listen('SIGTERM');
    run.kill('SIGKILL');
    await a.hears('SIGTERM');
    await until(() => !isAlive(a.pid) && !isAlive(b.pid), 'the stages have ended');
  });

  test('what a pipeline that ends by itself has left in the background is left alone, as by a shell', async () => {
    const { status, stdout } = await pipe(['sleep 1 > /dev/null 2>&1 < /dev/null & echo $! | cat']);
    expect({ status, isAlive: isAlive(Number(stdout)) }).toEqual({ status: 0, isAlive: true });
    process.kill(Number(stdout), 'SIGKILL');
  });
});
