/** Globs of tasks that match nothing are told where they are written. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ownPlaces, procsup } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

function project(files: Readonly<Record<string, string>>) {
  const cwd = scratch(files);
  const env = { ...ownPlaces().env, XDG_CACHE_HOME: join(cwd, '.cache') };
  return (...args: readonly string[]) => procsup(['task', ...args], { cwd, env });
}

test('a typo in inputs is told with each run, also where its result is kept', async () => {
  const task = project({
    'src/a': '',
    'procsup.yaml': `tasks:
  build:
    command: mkdir -p dist && cp src/a dist
    inputs: [scr/**, src/**]
    outputs: [dist/**]
`,
  });
  const warning = "warning: 'scr/**' in 'inputs' (procsup.yaml:4) matches no file";
  for (const result of ['succeeded', 'cached']) {
    const { status, stderr } = await task('build');
    expect(status).toBe(0);
    expect(stderr).toContain(warning);
    expect(stderr).toContain(result);
    expect(stderr).not.toContain("'outputs'");
  }
});

test('outputs that were not made are told; an empty directory, and what is said for all packages, are not', async () => {
  const task = project({
    'src/a': '',
    'package.json': '{"name": "root", "workspaces": ["p"]}',
    'p/package.json': '{"name": "p", "version": "1.0.0", "scripts": {"build": "true"}}',
    'procsup.yaml': `tasks:
  wrong: { command: mkdir -p build && touch build/a, inputs: [src/**], outputs: [dist/**] }
  empty: { command: mkdir -p empty, inputs: [src/**], outputs: [empty/**] }
  "*#build": { inputs: [package.json, src/**], outputs: [] }
`,
  });
  expect((await task('wrong')).stderr).toContain(
    "warning: 'dist/**' in 'outputs' (procsup.yaml:2) matches no file",
  );
  for (const name of ['empty', 'p#build']) {
    const { status, stderr } = await task(name);
    expect(status).toBe(0);
    expect(stderr).not.toContain('warning');
  }
});
