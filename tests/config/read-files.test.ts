/** Which files were edited since they were read. */
import { execFileSync, spawn } from 'node:child_process';
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadApp, type AppOptions } from '../../src/config/load-app.ts';
import { changedFiles } from '../../src/config/read-files.ts';
import { scratch } from '../helpers/scratch.ts';

async function loaded(files: Readonly<Record<string, string>>, options: AppOptions = {}) {
  const root = scratch(files);
  const { files: read, value, problems } = await loadApp(options, {}, root);
  expect(problems).toEqual([]);
  expect(value).toBeDefined();
  return { root, changed: () => changedFiles(read, value?.root ?? root) };
}

const write = (root: string, name: string, text: string): void => writeFileSync(join(root, name), text);

test('none, as long as they have the same text, whatever their times are', async () => {
  const { root, changed } = await loaded({ Procfile: 'a: x\n', '.env': 'A=1\n', 'd/x': '' });
  expect(await changed()).toEqual([]);
  write(root, 'Procfile', 'a: x\n');
  utimesSync(join(root, '.env'), new Date(), new Date());
  expect(await changed()).toEqual([]);
});

test.each<[string, (root: string) => void, readonly string[]]>([
  ['another text', (root) => write(root, 'Procfile', 'a: y\n'), ['Procfile']],
  ['another text of the same length in .env', (root) => write(root, '.env', 'A=2\n'), ['.env']],
  ['a file that is new', (root) => write(root, 'procsup.yaml', 'processes: {}\n'), ['procsup.yaml']],
  ['a file that is gone', (root) => rmSync(join(root, '.env')), ['.env']],
  [
    'several',
    (root) => ['Procfile', '.env'].forEach((name) => write(root, name, 'b: z\n')),
    ['Procfile', '.env'],
  ],
  [
    'but not one that cannot be read',
    (root) => {
      rmSync(join(root, '.env'));
      execFileSync('mkfifo', [join(root, '.env')]);
    },
    [],
  ],
])('%s', async (_, edit, names) => {
  const { root, changed } = await loaded({ Procfile: 'a: x\n', '.env': 'A=1\n' });
  edit(root);
  expect(await changed()).toEqual(names);
});

test('the files of -f and -e count, by their paths, and a Procfile beside them does not', async () => {
  const { root, changed } = await loaded(
    { Procfile: 'n: x\n', 'app/P': 'a: x\n', 'app/.env': '', 'env.test': 'A=1\n' },
    { file: 'app/P', env: ['env.test'] },
  );
  for (const name of ['Procfile', 'app/P', 'app/.env', 'env.test']) write(root, name, 'B=2\nb: y\n');
  expect(await changed()).toEqual(['P', join(root, 'env.test')]);
});

test('what came through a pipe is never said to have changed', async () => {
  const root = scratch({ Procfile: 'a: x\n' });
  const fifo = join(root, 'fifo');
  execFileSync('mkfifo', [fifo]);
  spawn('sh', ['-c', 'echo A=1 > "$0"', fifo], { stdio: 'ignore' });
  const { files, value } = await loadApp({ env: ['fifo'] }, {}, root);
  expect(value?.environment).toMatchObject({ A: '1' });
  rmSync(fifo);
  expect(await changedFiles(files, root)).toEqual([]);
});
