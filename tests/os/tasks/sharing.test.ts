import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isOwn, livingClaims, tryClaim } from '../../../src/os/tasks/claims.ts';
import { until } from '../../helpers/eventually.ts';
import { host, type Host } from '../../helpers/host.ts';
import { scratch } from '../../helpers/scratch.ts';
import { makeOutputs, type Made, type RunOrder } from '../../fixtures/task-recorder.ts';

const recorder = (): Host => host('../tests/fixtures/task-recorder.ts');
const runBy = async (who: Host, order: RunOrder): Promise<Made> =>
  (await who.does(`it.runOnce(${JSON.stringify(order)})`)) as Made;

interface Place {
  readonly directory: string;
  readonly root: string;
  readonly journal: string;
}

function place(): Place {
  const base = scratch({ 'project/src/a': 'one', journal: '' });
  return { directory: join(base, 'cache'), root: join(base, 'project'), journal: join(base, 'journal') };
}

const linesOf = ({ journal }: Place): readonly string[] =>
  readFileSync(journal, 'utf8').split('\n').slice(0, -1);
const countOf = (own: Place, line: string): number => linesOf(own).filter((one) => one === line).length;

describe('runs of one key at the same time', () => {
  it('are carried out once: all others wait, and have its result', async () => {
    const own = place();
    const all = Array.from({ length: 8 }, recorder);
    for (let round = 1; round <= 5; round += 1) {
      writeFileSync(join(own.root, 'src/a'), `round ${String(round)}`);
      const made = await Promise.all(all.map((one) => runBy(one, { ...own, lastsMs: 100 })));
      expect(countOf(own, 'runs'), `round ${String(round)}`).toBe(round);
      expect(made.filter(({ is }) => is === 'kept')).toHaveLength(7);
      expect(new Set(made.map(({ output }) => output))).toEqual(new Set(['making\nmade\n']));
    }
    expect(readdirSync(join(own.directory, 'running')), 'no claim is left').toEqual([]);
    expect(readdirSync(join(own.directory, 'partial'))).toEqual([]);
  });

  it('a failure is told to those who wait, with its status and output, and nothing is kept', async () => {
    const own = place();
    const [first, second] = [recorder(), recorder()];
    const failed = runBy(first, { ...own, status: 3, lastsMs: 500 });
    await until(() => countOf(own, 'runs') === 1, 'the first runs');
    expect(await runBy(second, own)).toEqual({ is: 'joined', status: 3, output: 'making\nmade\n' });
    expect((await failed).is).toBe('run');
    expect(readdirSync(join(own.directory, 'running')), 'what was left for it is gone').toEqual([]);
    expect((await runBy(second, own)).is, 'a later one runs').toBe('run');
  });

  it('the one that waits runs it when the first is killed', async () => {
    const own = place();
    const [first, second] = [recorder(), recorder()];
    runBy(first, { ...own, lastsMs: 600_000 }).catch(() => undefined);
    await until(() => countOf(own, 'runs') === 1, 'the first runs');
    const other = runBy(second, own);
    await until(() => countOf(own, 'waits') === 1, 'the second waits');
    first.kill('SIGKILL');
    expect((await other).is).toBe('run');
    expect((await runBy(second, own)).is).toBe('kept');
  });

  it('a forced run that waits for another takes its result: it is as new', async () => {
    const own = place();
    const [first, second] = [recorder(), recorder()];
    await runBy(first, own);
    const again = runBy(first, { ...own, force: true, lastsMs: 500 });
    await until(() => countOf(own, 'runs') === 2, 'the first runs again');
    expect((await runBy(second, { ...own, force: true })).is).toBe('kept');
    expect((await again).is).toBe('run');
  });
});

describe('a claim', () => {
  it('is refused while another living one is there, and had after it', () => {
    const directory = join(scratch(), 'key');
    const first = tryClaim(directory);
    if (first === 'contended' || !isOwn(first)) throw new Error('it is refused');
    expect(tryClaim(directory)).toEqual({ id: first.id, pid: process.pid });
    first.release();
    first.release();
    expect(existsSync(directory)).toBe(false);
    const second = tryClaim(directory);
    if (second === 'contended' || !isOwn(second)) throw new Error('it is refused');
    second.release();
  });

  it.each([
    ['of a dead process', (text: string) => text.replace(/"pid":\d+/, '"pid":4194303')],
    [
      'of a process whose pid has passed on',
      (text: string) => text.replace(/"started":"\d+"/, '"started":"1"'),
    ],
    ['that cannot be read', () => '{'],
  ])('%s counts for nothing and is removed', (_what, change) => {
    const directory = join(scratch(), 'key');
    const left = tryClaim(directory);
    if (left === 'contended' || !isOwn(left)) throw new Error('it is refused');
    const file = join(directory, `claim.${left.id}`);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
    expect(livingClaims(directory)).toEqual([]);
    const own = tryClaim(directory);
    if (own === 'contended' || !isOwn(own)) throw new Error('it is refused');
    expect(readdirSync(directory)).toEqual([`claim.${own.id}`]);
    own.release();
    left.release();
  });
});

/** From a fixed seed, so that a failure comes again. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const ready = async (): Promise<Host> => {
  const one = recorder();
  await one.does('1');
  return one;
};

it('a kill at any moment leaves results that are whole, or none: 200 rounds', async () => {
  const own = place();
  const random = randomOf(20_261_130);
  const expected = scratch({ 'src/a': '' });
  const checker = await ready();
  let killed = await ready();
  const beganMs = performance.now();
  await runBy(killed, own);
  let usualMs = performance.now() - beganMs;
  const met = { before: 0, amid: 0, after: 0 };
  for (let round = 1; round <= 200; round += 1) {
    const input = `round ${String(round)}`;
    for (const root of [own.root, expected]) writeFileSync(join(root, 'src/a'), input);
    writeFileSync(own.journal, '');
    const end = { isDone: false };
    const startMs = performance.now();
    const done = runBy(killed, own).then(
      () => {
        end.isDone = true;
        usualMs = performance.now() - startMs;
      },
      () => undefined,
    );
    await new Promise((resolve) => setTimeout(resolve, random() * 1.2 * usualMs));
    killed.kill('SIGKILL');
    await Promise.all([killed.ended, done]);
    met[end.isDone ? 'after' : countOf(own, 'runs') > 0 ? 'amid' : 'before'] += 1;

    // In another checkout, so that nothing is in place.
    const other = scratch({ 'src/a': input });
    const [made, next] = await Promise.all([
      runBy(checker, { directory: own.directory, root: other }),
      ready(),
    ]);
    killed = next;
    makeOutputs(expected);
    execFileSync('diff', ['-r', join(expected, 'dist'), join(other, 'dist')]);
    expect([made.output, made.notKept]).toEqual(['making\nmade\n', undefined]);
    if (end.isDone) expect(made.is).toBe('kept');
    rmSync(other, { recursive: true });
  }
  expect(Math.min(met.amid, met.after), JSON.stringify(met)).toBeGreaterThan(0);
}, 1_200_000);
