/** Variables whose names are no names to a shell reach the programs, wherever they come from. */
import { expect, test } from 'vitest';
import { procsup } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';
import { project } from '../helpers/daemon.ts';
import { withCommand } from '../helpers/proc.ts';

const ODD = {
  'app.name': 'a secret, in two\nlines',
  'npm_config_//registry': 'r',
  'BASH_FUNC_ls%%': '() {  echo function\n}',
};
const NAMES = [...Object.keys(ODD), 'dot.name'];
const show = `node -p 'JSON.stringify(${JSON.stringify(NAMES)}.map((name) => process.env[name] ?? null))'`;
const SHOWN = JSON.stringify([...Object.values(ODD), 'from the file']);

test.each([
  ['start', ['start', '--no-prefix'], show],
  ['start, in a compound command', ['start', '--no-prefix'], `true && sh=1 && ${show} && ls /dev/null; true`],
  ['run, a process', ['run', 'a'], show],
  ['run, a compound command with arguments', ['run', 'a', 'x'], `: "$1" && ${show}; true`],
  ['run, a program', ['run', 'sh.js'], 'true'],
  ['pipe, a stage', ['pipe', show], 'true'],
  ['pipe, two stages', ['pipe', `${show} | cat`], 'true'],
  ['pipe, a process with words', ['pipe', 'a 2>&1 | cat'], show],
])('%s', async (_name, args, procfile) => {
  const js = `#!${process.execPath}\nconsole.log(JSON.stringify(${JSON.stringify(NAMES)}.map((name) => process.env[name] ?? null)))`;
  const files = { Procfile: `a: ${procfile}`, '.env': 'dot.name=from the file', 'sh.js': js };
  const words = args[1] === 'sh.js' ? ['run', './sh.js'] : args;
  const app = await procsup(words, { cwd: scratch(files), env: ODD });
  expect(app).toMatchObject({ status: 0 });
  const shown = app.stdout.split('\n').filter((line) => line.startsWith('['));
  expect(shown).toHaveLength(1);
  expect(JSON.parse(shown[0] ?? '')).toEqual(JSON.parse(SHOWN));
  // No function of the environment takes the place of a program.
  expect(app.stdout).not.toMatch(/^function$/m);
});

test('a daemon gets them, and they are in no command line', async () => {
  const app = project(`a: ${show}; exec sleep infinity`, {
    env: ODD,
    files: { '.env': 'dot.name=from the file' },
  });
  await app.up();
  const logs = app.begin('logs', '-f', 'a');
  await logs.says(SHOWN);
  expect(withCommand(/a secret, in two/)).toEqual([]);
  logs.kill('SIGTERM');
  await logs.ended;
});
