import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pipe, type PipeStage } from '../../src/index.ts';
import { scratch } from '../helpers/scratch.ts';

const statuses = ({ stages }: { readonly stages: readonly { readonly status: number }[] }) =>
  stages.map(({ status }) => status);

describe('how it went', () => {
  test('is told of each stage and of the whole', async () => {
    const before = Date.now();
    const result = await pipe(['seq', '1000000'], ['sort', '-n'], ['tail', '-1']);
    expect(result).toMatchObject({ status: 0, decidedBy: null, stderr: null });
    expect(result.stdout.toString()).toBe('1000000\n');
    expect(result.stages.map(({ command }) => command)).toEqual(['seq 1000000', 'sort -n', 'tail -1']);
    for (const { pid, exit, startedAt, durationMs, figures } of result.stages) {
      expect(pid).toBeGreaterThan(0);
      expect(exit).toEqual({ code: 0 });
      expect(startedAt?.getTime()).toBeGreaterThan(before - 1000);
      expect(durationMs).toBeLessThanOrEqual(result.durationMs);
      expect(figures).toBeNull();
    }
  });

  test.each<
    [
      status: number,
      decidedBy: number | null,
      all: readonly number[],
      stages: readonly [PipeStage, ...PipeStage[]],
    ]
  >([
    [0, null, [141, 0], [['yes'], ['head', '-1']]],
    [4, 1, [3, 4, 0], ['exit 3', 'exit 4', ['true']]],
    [7, 0, [7], ['exit 7']],
    [137, 0, [137, 0], ['kill -KILL $$', ['cat']]],
    [137, 1, [0, 137], [['true'], 'kill -KILL $$']],
    [141, 1, [0, 141], [['true'], 'kill -PIPE $$']],
  ])('%i, by stage %j: %j', async (status, decidedBy, all, [first, ...others]) => {
    const result = await pipe(first, ...others);
    expect(result).toMatchObject({ status, decidedBy });
    expect(statuses(result)).toEqual(all);
  });

  test('a stage that a signal ended says which', async () => {
    expect((await pipe('kill -KILL $$')).stages[0]?.exit).toEqual({ signal: 'SIGKILL' });
  });

  test.each([
    [0, (bad: PipeStage) => pipe(bad, ['cat'], ['cat'], { stderr: 'buffer' })],
    [1, (bad: PipeStage) => pipe(['true'], bad, ['cat'], { stderr: 'buffer' })],
    [2, (bad: PipeStage) => pipe(['true'], ['cat'], bad, { stderr: 'buffer' })],
  ])('a program that is not found is 127, one that is none 126: stage %i', async (at, run) => {
    const file = join(scratch({ plain: 'text' }), 'plain');
    chmodSync(file, 0o644);
    const missing = await run(['no-such-program']);
    expect(missing).toMatchObject({ status: 127, decidedBy: at });
    expect(missing.stderr.toString()).toContain('no-such-program');
    expect(await run([file])).toMatchObject({ status: 126, decidedBy: at });
  });

  test('a directory that is missing is said to be', async () => {
    const message = 'the working directory /no/such/place does not exist';
    const refused = { pid: null, startedAt: null, status: 127, exit: { error: 'ENOENT', message } };
    const result = await pipe(['true'], ['cat'], { cwd: '/no/such/place' });
    expect(result).toMatchObject({ status: 127, stages: [refused, refused] });
    expect(result.stdout).toHaveLength(0);
  });

  test('a hundred stages', async () => {
    const cats = Array.from({ length: 99 }, (): PipeStage => ['cat']);
    const result = await pipe(['echo', 'far'], ...cats);
    expect(result.stdout.toString()).toBe('far\n');
    expect(result.stages).toHaveLength(100);
    expect(result.status).toBe(0);
  });

  test('fifty at once', async () => {
    const { signal } = new AbortController();
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => void warnings.push(warning);
    process.on('warning', onWarning);
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, at) => pipe(['cat'], ['cat'], { input: String(at), signal })),
    );
    process.off('warning', onWarning);
    expect(all.map(({ stdout }) => stdout.toString())).toEqual(all.map((_, at) => String(at)));
    expect(warnings).toEqual([]);
  });

  test('figures are the last that were seen', async () => {
    // Long enough for several looks after all was written.
    const { stages } = await pipe('head -c 5000000 /dev/zero; exec sleep 2', ['wc', '-c'], { stats: true });
    const [made, counted] = stages.map(({ figures }) => figures);
    expect(made?.writtenBytes).toBeGreaterThanOrEqual(5_000_000);
    expect(counted).toMatchObject({ isApproximate: true });
    expect(counted?.readBytes).toBeGreaterThanOrEqual(5_000_000);
    expect(counted?.peakMemoryBytes).toBeGreaterThan(100_000);
  });
});

describe('a stage', () => {
  const show = 'printf "%s." "$@"';

  test('that is an array is no shell text', async () => {
    const words = ['a b', '$HOME', '|', "it's", '', '*'] as const;
    const result = await pipe(['sh', '-c', show, 'sh', ...words]);
    expect(result.stdout.toString()).toBe("a b.$HOME.|.it's..*.");
  });

  test('that is a string is one, whatever is in it', async () => {
    const result = await pipe('seq 3 | sort -r; echo end', ['cat']);
    expect(result.stdout.toString()).toBe('3\n2\n1\nend\n');
    expect(result.stages).toHaveLength(2);
  });

  test('may join its stderr', async () => {
    const command = 'echo out; echo err >&2';
    const result = await pipe({ command, joinStderr: true }, 'cat; echo last >&2', { stderr: 'buffer' });
    expect(result.stdout.toString()).toBe('out\nerr\n');
    expect(result.stderr.toString()).toBe('last\n');
  });

  test('has our environment, that of the pipeline and its own', async () => {
    const command = 'echo "$A $B $C ${PATH:+path} ${HOME-none}"';
    const result = await pipe(
      { command: 'cat > /dev/null' },
      { command, env: { B: 'stage', C: undefined } },
      { env: { A: 'all', B: 'all', C: 'all', HOME: undefined } },
    );
    expect(result.stdout.toString()).toBe('all stage  path none\n');
  });

  test('is in the directory that was asked for', async () => {
    const cwd = scratch();
    expect((await pipe(['pwd', '-P'], { cwd })).stdout.toString()).toBe(`${cwd}\n`);
  });

  test('may open its stdin and stdout again', async () => {
    const result = await pipe('cat /dev/stdin > /dev/stdout', { input: 'through the door' });
    expect(result.stdout.toString()).toBe('through the door');
  });
});
