/** `procsup pipe` where pipelines are large, slow, broken, many, or part of something larger. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { until } from '../helpers/eventually.ts';
import { descendantsOf, isAlive, read, stateOf, withEnvironment } from '../helpers/proc.ts';
import { PROCSUP, procsup } from '../helpers/procsup.ts';
import { PUPPET, type Puppet } from '../helpers/puppets.ts';
import { scratch } from '../helpers/scratch.ts';
import { startWith, type Started } from '../helpers/start.ts';

const hasProc = existsSync('/proc/self/io');
const mayMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
if (!mayMount) console.warn('no file system can be mounted here: a full disk is tested on /dev/full only');

const withPuppets = (line: string, procfile: string): Started =>
  startWith({ files: { Procfile: `${procfile}\n` }, args: ['pipe', line] });

const writtenBy = (pid: number): number => Number(/^wchar: (\d+)$/m.exec(read(`/proc/${pid}/io`))?.[1]);

/** Clock ticks of CPU time, its own. */
function ticksOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (user ?? NaN) + (system ?? NaN);
}

/** The world goes on meanwhile. */
async function talkWith(puppet: Puppet): Promise<void> {
  for (let count = 0; count < 500; count += 1) await puppet.environment();
}

describe('the data', () => {
  test('are the same at the other end: 1 GiB of all byte values', async () => {
    const run = startWith({
      files: {
        // Every block begins with its number: none may be missing, doubled or in another's place.
        'make.mjs': `import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
const block = Buffer.from(Array.from({ length: 1 << 20 }, (_, at) => (at * 31 + (at >> 8)) & 255));
const hash = createHash('sha1');
for (let count = 0; count < 1024; count += 1) {
  block.writeUInt32LE(count);
  hash.update(block);
  for (let rest = block; rest.length > 0;) rest = rest.subarray(writeSync(1, rest));
}
writeSync(2, 'made ' + hash.digest('hex') + '\\n');`,
        'take.mjs': `import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
const block = Buffer.alloc(1 << 20);
const hash = createHash('sha1');
let total = 0;
for (let count; (count = readSync(0, block)) > 0; total += count) hash.update(block.subarray(0, count));
console.log('took ' + total + ' ' + hash.digest('hex'));`,
      },
      args: ['pipe', `${process.execPath} make.mjs | cat | cat | ${process.execPath} take.mjs`],
    });
    expect(await run.ended).toEqual({ status: 0, signal: null });
    const sum = /^made (\w{40})\n$/.exec(run.stderr)?.[1];
    expect(sum).toBeDefined();
    expect(run.stdout).toBe(`took ${String(1 << 30)} ${String(sum)}\n`);
  });

  test.each([
    ['first', 'cat /dev/stdin | cat | cat'],
    ['in the middle', 'cat | cat < /dev/stdin | cat'],
    ['last', 'cat | cat | cat /dev/stdin'],
    ['everywhere', 'cat < /dev/stdin | cat /dev/stdin | cat /proc/self/fd/0'],
  ])('are there for who opens its stdin once more: %s', async (_, line) => {
    const piped = startWith({ args: ['pipe', line], through: 'printf "a\\nb\\n" | "$@"' });
    expect(await piped.ended).toEqual({ status: 0, signal: null });
    expect(piped.stdout).toBe('a\nb\n');
    const redirected = startWith({
      files: { input: 'from a file\n' },
      args: ['pipe', line],
      through: '"$@" < input',
    });
    expect(await redirected.ended).toEqual({ status: 0, signal: null });
    expect(redirected.stdout).toBe('from a file\n');
  });

  test.each([
    ['yes | true | cat', 0, ''],
    ['yes | head -c 100000 | wc -c', 0, '100000\n'],
    ['yes | { head -1; exit 3; } | cat', 3, 'y\n'],
    ['seq 1000000 | sed 2q | cat', 0, '1\n2\n'],
  ])('end with a stage in the middle that has read enough: %s', async (line, status, stdout) => {
    const ended = await procsup(['pipe', line], { cwd: scratch() });
    expect({ ...ended, stdout: ended.stdout.trim() }).toEqual({
      status,
      signal: null,
      stdout: stdout.trim(),
      stderr: '',
    });
  });

  test('are at their end for the next stage when one closes its stdout, and the whole waits for it', async () => {
    const run = withPuppets('a | b', `a: echo one; exec >&-; exec ${PUPPET}\nb: cat; echo no more >&2`);
    const a = await run.puppet('a.1');
    await run.complains('no more');
    expect(run.stdout).toBe('one\n');
    await talkWith(a);
    expect(isAlive(run.pid)).toBe(true);
    a.exit(5);
    expect(await run.ended).toEqual({ status: 5, signal: null });
  });

  test('go on while a grandchild has the pipe, though its stage has ended', async () => {
    const run = withPuppets('a | cat', `a: ${PUPPET}`);
    const stage = await run.puppet('a.1');
    await stage.start(`exec ${PUPPET}`);
    const grandchild = await run.puppet('a.1');
    stage.exit(0);
    await until(() => !isAlive(stage.pid), 'the stage has ended');
    await grandchild.print('late\n');
    await run.says('late');
    grandchild.exit(0);
    expect(await run.ended).toEqual({ status: 0, signal: null });
  });
});

test.runIf(hasProc)(
  'a reader that does not read makes its writer wait in the kernel, and us do nothing',
  async () => {
    const run = withPuppets('seq 200000 | slow', `slow: ${PUPPET}`);
    const slow = await run.puppet('slow.1');
    const seq = () => descendantsOf(run.pid).find((pid) => read(`/proc/${pid}/comm`) === 'seq\n') ?? 0;
    await until(() => stateOf(seq()) === 'S' && writtenBy(seq()) > 0, 'the pipe is full');
    const pid = seq();
    let [written, ticks] = [-1, -1];
    // We may have been busy with the start of it all: once we are at rest, we stay so.
    for (
      let count = 0;
      count < 20 && !(written === writtenBy(pid) && ticks === ticksOf(run.pid));
      count += 1
    ) {
      [written, ticks] = [writtenBy(pid), ticksOf(run.pid)];
      await talkWith(slow);
    }
    expect({ written: writtenBy(pid), ticks: ticksOf(run.pid) }).toEqual({ written, ticks });
    expect(stateOf(pid)).toBe('S');
    const all = Array.from({ length: 200_000 }, (_, at) => `${String(at + 1)}\n`).join('');
    expect(written).toBeLessThan(all.length);
    expect((await slow.read('/dev/stdin')) === all).toBe(true);
    slow.exit(0);
    expect(await run.ended).toEqual({ status: 0, signal: null });
  },
);

describe('an end by force', () => {
  test.each([
    ['first', 'bad | cat | cat'],
    ['in the middle', 'true | bad | cat'],
    ['last', 'true | cat | bad'],
  ])('of a single stage is the status: %s', async (_, line) => {
    const run = withPuppets(line, `bad: ${PUPPET}`);
    process.kill((await run.puppet('bad.1')).pid, 'SIGKILL');
    expect(await run.ended).toEqual({ status: 137, signal: null });
  });

  test('SIGTERM in a flood: everything is gone, 143', async () => {
    const run = withPuppets('yes | cat | sink', `sink: ${PUPPET}`);
    await run.puppet('sink.1');
    const stages = descendantsOf(run.pid);
    expect(stages.length).toBeGreaterThanOrEqual(3);
    run.kill('SIGTERM');
    expect(await run.ended).toEqual({ status: 143, signal: null });
    expect(stages.filter(isAlive)).toEqual([]);
  });

  test.runIf(hasProc)('kill -9 of procsup in a flood leaves nothing', async () => {
    const run = startWith({ args: ['pipe', 'yes | cat | { cat > /dev/null; exit 0; }'] });
    const stages = () => withEnvironment(run.mark).filter(({ pid }) => pid !== run.pid);
    await until(() => stages().some(({ pid }) => writtenBy(pid) > 10_000_000), 'the flood is on');
    run.kill('SIGKILL');
    await until(() => stages().length === 0, 'all stages have ended');
  });
});

describe('a full disk', () => {
  test.runIf(existsSync('/dev/full'))(
    'is told by the stage that writes there: its status is passed on',
    async () => {
      const ended = await procsup(['pipe', 'yes | cat | cat > /dev/full'], { cwd: scratch() });
      expect(ended).toMatchObject({ status: 1, stdout: '' });
      expect(ended.stderr).toMatch(/^cat: .*No space left on device\n$/);
    },
  );

  test.runIf(mayMount)('of a real file system as well, also where it is our own stdout', async () => {
    const through = `exec unshare -rm /bin/sh -c 'mount -t tmpfs -o size=64k none /mnt && "$@"' sh "$@"`;
    for (const [line, redirection] of [
      ['yes | cat | cat > /mnt/out', ''],
      ['yes | cat | cat', '> /mnt/out'],
    ] as const) {
      const run = startWith({
        args: ['pipe', line],
        through: through.replace('"$@"\'', `"$@" ${redirection}'`),
      });
      expect(await run.ended).toEqual({ status: 1, signal: null });
      expect(run.stderr).toMatch(/^cat: .*No space left on device\n$/);
    }
  });
});

test('twenty at once do not disturb each other', async () => {
  const runs = Array.from({ length: 20 }, async (_, index) => {
    const line = `seq ${String(index * 1000 + 1000)} | sort -rn | head -1`;
    return procsup(['pipe', line], { cwd: scratch() });
  });
  expect(
    (await Promise.all(runs)).map(({ status, stdout, stderr }) => `${String(status)} ${stdout}${stderr}`),
  ).toEqual(Array.from({ length: 20 }, (_, index) => `0 ${String(index * 1000 + 1000)}\n`));
});

describe('in a Procfile', () => {
  const files = {
    Procfile: [
      `job: ${PROCSUP} pipe 'make | take'`,
      `make: ${PUPPET}`,
      `take: sed -u s/^/took:/; exit 7`,
      `both: ${PROCSUP} pipe 'make | other'`,
      `other: ${PUPPET}`,
      '',
    ].join('\n'),
  };
  const begin = (name: string) => startWith({ files, args: ['start', name] });
  const restOf = (app: Started) => withEnvironment(app.mark).filter(({ pid }) => pid !== app.pid);

  test('it is a command as any other: its output has a prefix, its status is passed on', async () => {
    const app = begin('job');
    const make = await app.puppet('make.1');
    await make.print('hello\n');
    await app.says(/ job\.1 +\| took:hello$/);
    make.exit(0);
    expect(await app.ended).toEqual({ status: 7, signal: null });
    expect(app.textOf('job.1')).toBe('took:hello\n');
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends all of it, in good order', async (signal) => {
    const app = begin('both');
    const [make, other] = await Promise.all([app.puppet('make.1'), app.puppet('other.1')]);
    await other.listen(signal);
    app.kill(signal);
    await other.hears(signal);
    other.exit(0);
    expect(await app.ended).toEqual({ status: 0, signal: null });
    expect([make.pid, other.pid].filter(isAlive)).toEqual([]);
    expect(restOf(app)).toEqual([]);
  });

  test('nothing of it outlives a supervisor that is killed', async () => {
    const app = begin('both');
    const [, other] = await Promise.all([app.puppet('make.1'), app.puppet('other.1')]);
    await other.start('trap "" TERM; exec sleep 1000', { apart: true });
    app.kill('SIGKILL');
    await until(() => restOf(app).length === 0, 'all have ended');
  });

  test('nothing of it outlives itself when it is killed, and the supervisor tells', async () => {
    const app = begin('both');
    await Promise.all([app.puppet('make.1'), app.puppet('other.1')]);
    process.kill(await app.pidOf('both.1'), 'SIGKILL');
    expect(await app.ended).toEqual({ status: 137, signal: null });
    await until(() => restOf(app).length === 0, 'all have ended');
  });
});
