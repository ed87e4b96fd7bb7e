/** A command that changes processes says which files were edited since they were read. */
import { expect, test } from 'vitest';
import { project } from '../helpers/daemon.ts';
import { PROCSUP } from '../helpers/procsup.ts';

const LIVE = 'exec sleep infinity';

test('restart, stop, start and scale say so, until a reload has read them', async () => {
  const app = project(`web: ${LIVE}\nworker: ${LIVE}`, { files: { '.env': 'FLAG=old\n' } });
  await app.up();
  expect(await app.run('restart', 'web')).toMatchObject({ status: 0, stderr: '' });

  app.write('.env', 'FLAG=new\n');
  app.write('procsup.yaml', 'pipelines: {}\n');
  const hint = "procsup: procsup.yaml, .env have changed since they were read; 'procsup reload' reads them\n";
  for (const words of [
    ['restart', 'web'],
    ['stop', 'web'],
    ['start', 'web'],
    ['scale', 'web=2'],
  ]) {
    expect(await app.run(...words), words.join(' ')).toMatchObject({ status: 0, stderr: hint });
  }
  const restarted = await app.run('restart', 'web', '--json', '--no-wait');
  expect(restarted).toMatchObject({ status: 0, stderr: hint });
  expect(JSON.parse(restarted.stdout)).toEqual(['web.1', 'web.2']);

  expect(await app.run('reload')).toMatchObject({ status: 0, stderr: '' });
  expect(await app.run('restart', 'web')).toMatchObject({ status: 0, stderr: '' });
});

test('a reload expands .env as the start was told to, and no other one does', async () => {
  const show = `web: echo "url=$URL"; ${LIVE}`;
  const app = project(show, { files: { '.env': 'URL=one${WHO}' }, env: { WHO: '-me' } });
  await app.up('--env-expand');
  expect((await app.run('logs', '--no-prefix', 'web')).stdout).toContain('url=one-me\n');
  app.write('.env', 'URL=two${WHO}');
  expect(await app.run('reload')).toMatchObject({ status: 0 });
  const follower = app.begin('logs', '-f', '--no-prefix', 'web');
  await follower.says('url=two-me\n');
  follower.kill('SIGINT');
  await follower.ended;
  expect((await app.run('check')).stderr).toContain('--env-expand');
});

test.each([
  ['1', {}, 'one-me'],
  ['0', {}, 'one${WHO}'],
  ['0', { 'procsup.yaml': 'env_expand: true\n' }, 'one${WHO}'],
  ['', { 'procsup.yaml': 'env_expand: true\n' }, 'one-me'],
])("PROCSUP_ENV_EXPAND='%s', with %j", async (value, files, url) => {
  const app = project('web: true', { files: { '.env': 'URL=one${WHO}', ...files } });
  for (const verb of ['run', 'pipe']) {
    const words = ['WHO=-me', `PROCSUP_ENV_EXPAND=${value}`, PROCSUP, verb, 'sh', '-c', 'echo $URL'];
    const ended = await app.beginProgram('env', ...words).ended;
    expect([verb, ended.stdout]).toEqual([verb, `${url}\n`]);
  }
});
