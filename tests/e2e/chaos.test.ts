/** A few rounds of `npm run chaos`, one of each kind, so that the script does not rot; and that a round can fail. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { until } from '../helpers/eventually.ts';
import { isAlive } from '../helpers/proc.ts';
import { launch } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

interface Living {
  readonly livingOf: (root: string) => readonly { readonly pid: number }[];
  readonly recordedIn: (root: string) => readonly { readonly instance: string; readonly role: string }[];
}

const scripts = resolve(import.meta.dirname, '../../scripts');
const { livingOf, recordedIn } = (await import(
  pathToFileURL(join(scripts, 'chaos/living.js')).href
)) as Living;

/** The rounds are below the directory that this returns. */
function chaos(...words: readonly string[]) {
  const temporary = scratch();
  const args = [join(scripts, 'chaos.js'), ...words];
  return { temporary, ...launch(process.execPath, args, { cwd: temporary, env: { TMPDIR: temporary } }) };
}

describe.runIf(process.platform === 'linux')('the chaos run', () => {
  test('leaves nothing and starts nothing twice, in a round of each kind', async () => {
    const run = chaos('--rounds', '7', '--seed', '4', '--jobs', '4');
    const { status, stdout, stderr } = await run.ended;
    expect({ status, stderr }, stdout).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^7 rounds in \d+s: nothing left, nothing twice$/m);
    expect(readdirSync(run.temporary)).toEqual([]);
  });

  test('fails where something is left or ran twice, and says how to repeat it', async () => {
    const run = chaos('--rounds', '1', '--seed', '4', '--only', 'guardian');
    await run.printed('with seed');
    const [base = ''] = readdirSync(run.temporary);
    const root = join(run.temporary, base, '1-guardian');
    await until(() => existsSync(join(root, 'Procfile')), 'the round begins');
    appendFileSync(join(root, 'twice'), 'web.1 job 4711\n');
    mkdirSync(join(root, 'tmp/orphan'));
    const { status, stdout } = await run.ended;
    expect(status).toBe(1);
    expect(stdout).toContain('twice: web.1 job 4711');
    expect(stdout).toContain('left on disk: tmp/orphan');
    expect(stdout).toContain('node scripts/chaos.js --rounds 1 --seed 4 --only guardian');
    expect(readFileSync(join(root, 'pids'), 'utf8')).not.toBe('');
  });

  test.each([
    ['its environment', (root: string) => ({ args: ['100000'], cwd: '/', env: { CHAOS_ROOT: `${root}/` } })],
    ['its working directory', (root: string) => ({ args: ['100000'], cwd: root, env: {} })],
  ])('finds a process by %s, and not those of another round', async (_, how) => {
    const root = join(scratch(), '1-both');
    mkdirSync(root);
    mkdirSync(`${root}1`);
    const { args, cwd, env } = how(root);
    const { child, ended } = launch('sleep', args, { cwd, env });
    await until(() => livingOf(root).some(({ pid }) => pid === child.pid), 'it is found');
    expect(livingOf(`${root}1`)).toEqual([]);
    child.kill('SIGKILL');
    await ended;
    expect(livingOf(root)).toEqual([]);
  });

  test('finds a process by what it has recorded, unless another one has its pid by now', async () => {
    const root = scratch();
    const { child, ended } = launch('sleep', ['100000'], { cwd: '/' });
    const pid = child.pid ?? 0;
    await until(() => isAlive(pid), 'it is alive');
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    appendFileSync(join(root, 'pids'), `web.1 job ${stat}`);
    expect(recordedIn(root)).toMatchObject([{ instance: 'web.1', role: 'job' }]);
    expect(livingOf(root).map((found) => found.pid)).toEqual([pid]);
    const other = scratch({ pids: `web.1 job ${stat.replace(/( \d+){31}\n$/, ' 1$&')}` });
    expect(livingOf(other)).toEqual([]);
    child.kill('SIGKILL');
    await ended;
    expect(livingOf(root)).toEqual([]);
  });
});
