/** The project is found from its subfolders, and what its supervisor was started with is remembered. */
import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project, type Project } from '../helpers/daemon.ts';
import { procsup, type Ended } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

const LIVE = 'exec sleep infinity';

/** A command typed in `below`. */
function typedIn(app: Project, below: string): (...words: readonly string[]) => Promise<Ended> {
  mkdirSync(join(app.root, below), { recursive: true });
  return (...words) => procsup(words, { cwd: join(app.root, below), env: app.env });
}

test('every command works in a subfolder; a process runs in the root, a command where it was typed', async () => {
  const app = project(`web: pwd; ${LIVE}`, { files: { '.env': 'WHO=me' } });
  const there = typedIn(app, 'apps/shop');
  const root = realpathSync.native(app.root);
  expect(await there('check')).toMatchObject({ status: 0 });
  expect(await there('start', '-d')).toMatchObject({ status: 0 });
  const [web] = await app.ps();
  const rows = await there('ps', '--json');
  expect(JSON.parse(rows.stdout)).toMatchObject([{ name: 'web.1', pid: web?.pid, state: 'running' }]);
  expect((await there('restart', 'web')).stdout).toContain(`web.1 restarted (${String(web?.pid)} -> `);
  expect((await there('logs', '--no-prefix', 'web')).stdout).toContain(`${root}\n`);
  const run = await there('run', 'sh', '-c', 'echo $WHO; pwd');
  expect(run.stdout).toBe(`me\n${join(root, 'apps/shop')}\n`);
  expect(await there('down')).toMatchObject({ status: 0 });
  expect(await there('ps')).toMatchObject({
    status: 3,
    stderr: expect.stringContaining(`no supervisor is running for ${app.root}\n`) as unknown,
  });
});

test('a project without a Procfile of the usual name is found by its supervisor, which remembers the file', async () => {
  const app = project(`old: ${LIVE}`);
  const there = typedIn(app, 'apps');
  rmSync(join(app.root, 'Procfile'));
  app.write('Procfile.dev', `web: ${LIVE}\n`);
  expect(await there('start')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(
      /no such file here or in a parent directory \(searched up to \/\)\n.*with -f \.\.\/Procfile\.dev\n/,
    ) as unknown,
  });
  expect(await app.run('start')).toMatchObject({
    stderr: expect.stringContaining('use the one that is there with -f Procfile.dev\n') as unknown,
  });
  const daemon = await app.up('-f', 'Procfile.dev');
  app.write('Procfile.dev', `web: ${LIVE}\nworker: ${LIVE}\n`);
  const again = await there('start', '-d');
  expect(again).toMatchObject({ status: 0, stderr: '' });
  expect(again.stdout).toMatch(
    /^worker\.1 started \(pid \d+\)\nweb\.1 is already running \(pid \d+\)\nprocsup is already running in the background/,
  );
  expect(await there('start')).toMatchObject({
    status: 3,
    stderr: expect.stringContaining(
      `already running for ${realpathSync.native(app.root)} (pid ${String(daemon)})`,
    ) as unknown,
  });
  expect(await there('stop', 'web')).toMatchObject({ status: 0 });
  expect(await app.json('start', '-d', '--json')).toMatchObject({
    pid: daemon,
    instances: [
      { name: 'web.1', isUp: true, status: 0 },
      { name: 'worker.1', isUp: true },
    ],
  });
  app.write('Procfile.dev', `web: ${LIVE}\n`);
  expect((await there('reload')).stdout).toMatch(/^worker\.1 stopped .* and removed\n$/);
});

test('what a second start -d cannot change is told: another Procfile is an error, an option is ignored', async () => {
  const app = project(`web: ${LIVE}`, { files: { other: `other: ${LIVE}\n` } });
  const pid = await app.up();
  expect(await app.run('start', '-d', '-f', 'other')).toMatchObject({
    status: 3,
    stderr: expect.stringContaining(
      `(pid ${String(pid)}) with the Procfile '${join(app.root, 'Procfile')}'\n`,
    ) as unknown,
  });
  expect(await app.run('start', '-d', '-f', './Procfile', '-p', '7000')).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('procsup: ignored --port: the supervisor keeps the options') as unknown,
  });
  expect(await app.ps()).toMatchObject([{ name: 'web.1', port: 5000 }]);
});

test('-C, -f and a nearer Procfile win over the search', async () => {
  const root = scratch({
    Procfile: 'top: true',
    'a/Procfile': 'near: true',
    'a/b/x': '',
    'c/P': 'named: true',
  });
  const check = async (cwd: string, ...words: readonly string[]) =>
    (await procsup(['check', ...words], { cwd: join(root, cwd) })).stderr;
  expect(await check('a/b')).toContain('(near)');
  expect(await check('c')).toContain('(top)');
  expect(await check('a/b', '-C', '../..')).toContain('(top)');
  expect(await check('a', '-f', '../c/P')).toContain('(named)');
  expect(await check('c', '-C', '.')).toContain("cannot read the Procfile 'Procfile': no such file\n");
  writeFileSync(join(root, 'c/Procfile.dev'), 'dev: true');
  expect(await check('c', '-C', '.')).toContain('use the one that is there with -f Procfile.dev');
});
