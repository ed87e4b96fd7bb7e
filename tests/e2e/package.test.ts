import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { launch } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
const npm = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });

test('the package installs into an empty prefix, and works from there', async () => {
  const root = scratch({ 'app/Procfile': 'web: echo it works\n' });
  // Without scripts: what would be packed was built before the tests, and must not be built again under them.
  npm(PROJECT, 'pack', '--ignore-scripts', '--pack-destination', root);
  const [tarball = ''] = readdirSync(root).filter((name) => name.endsWith('.tgz'));
  const prefix = join(root, 'prefix');
  npm(root, 'install', '--global', '--prefer-offline', '--prefix', prefix, join(root, tarball));

  const program = join(prefix, 'bin/procsup');
  const cwd = join(root, 'app');
  const started = await launch(program, ['start'], { cwd }).ended;
  expect(started).toMatchObject({ status: 0, signal: null, stderr: '' });
  expect(started.stdout).toMatch(/web\.1 +\| it works\n/);
  const run = await launch(program, ['run', 'web'], { cwd }).ended;
  expect(run).toMatchObject({ status: 0, stdout: 'it works\n', stderr: '' });
  const version = await launch(program, ['--version'], { cwd }).ended;
  expect(version.stdout).toMatch(/\d+\.\d+\.\d+\n$/);

  const installed = join(prefix, 'lib/node_modules/procsup');
  const library = `import(${JSON.stringify(`file://${installed}/dist/index.js`)}).then(() => console.log('imported'))`;
  const imported = await launch(process.execPath, ['-e', library], { cwd }).ended;
  expect(imported).toMatchObject({ status: 0, stdout: 'imported\n' });
});
