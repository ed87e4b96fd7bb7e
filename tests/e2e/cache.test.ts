import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { procsup } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

const YAML = `tasks:
  build:
    command: mkdir -p dist && cat src/a > dist/a && echo built
    inputs: [src]
    outputs: [dist]
`;

interface Entry {
  readonly task: string;
  readonly files: number;
  readonly directory: string;
}

it('results of tasks are kept, listed and removed', async () => {
  const root = scratch({ 'procsup.yaml': YAML, 'src/a': 'one' });
  const env = { XDG_CACHE_HOME: scratch() };
  const run = (...args: readonly string[]) => procsup(args, { cwd: root, env });

  expect(await run('cache', 'ls')).toMatchObject({
    status: 0,
    stdout: '',
    stderr: 'procsup: the cache of tasks is empty\n',
  });
  expect((await run('task', 'build')).status).toBe(0);
  rmSync(join(root, 'dist'), { recursive: true });
  const again = await run('task', 'build');
  expect(again.stderr).toContain('cached');
  expect(again.stdout).toContain('built');
  expect(readFileSync(join(root, 'dist/a'), 'utf8')).toBe('one');

  expect((await run('cache', 'ls')).stdout).toMatch(
    /^TASK +FILES +SIZE +SAVES +USED +DIRECTORY *\nbuild +1 /,
  );
  const [entry] = JSON.parse((await run('cache', 'ls', '--json')).stdout) as readonly Entry[];
  expect(entry).toMatchObject({ task: 'build', files: 1, directory: root });

  expect((await run('cache', 'prune')).stdout).toMatch(/^removed 0 results/);
  expect((await run('cache', 'prune', '--older-than', '45d')).stdout).toMatch(/^removed 0 results/);
  expect((await run('cache', 'prune', '--all')).stdout).toMatch(/^removed 1 result /);
  expect((await run('cache', 'ls', '--json')).stdout).toBe('[]\n');
  expect(existsSync(join(root, 'dist/a')), 'outputs stay').toBe(true);
});

it.each([
  [['cache'], "missing action of 'procsup cache'"],
  [['cache', 'clean'], "did you mean 'prune'?"],
  [['cache', 'lst'], "did you mean 'ls'?"],
  [['cache', 'ls', '--all'], "'--all' has no effect on 'procsup cache ls'"],
  [['cache', 'prune', '--all', '--older-than', '1d'], "'--all' and '--older-than' exclude each other"],
  [['cache', 'prune', '--older-than', 'soon'], "invalid value 'soon'"],
])('%j is told what is wrong', async (args, text) => {
  const { status, stderr } = await procsup(args, { cwd: scratch(), env: { XDG_CACHE_HOME: scratch() } });
  expect(stderr).toContain(text);
  expect(status).toBe(2);
});
