// How each task runner is told which tasks there are, and what runs them all.
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/**
 * @typedef {object} BenchTask
 * @property {string} name
 * @property {string[]} needs
 * @property {string} command
 * @property {string[]} [inputs]  globs; without them its result is not kept
 */

/**
 * Writes the files of a tool into `dir`; returns the arguments that run the task `all`, which needs all that nothing else needs.
 * @typedef {(dir: string, tasks: BenchTask[]) => string[]} WriteTasks
 */

const json = (dir, name, value) => writeFileSync(join(dir, name), JSON.stringify(value, null, 1));

/** @type {WriteTasks} */
export function procsupTasks(dir, tasks) {
  const entries = tasks.map(({ name, needs, command, inputs }) => [
    name,
    { command, depends_on: needs, ...(inputs && { inputs, outputs: [] }) },
  ]);
  const all = { depends_on: lastOf(tasks) };
  // JSON is YAML.
  json(dir, 'procsup.yaml', { tasks: { ...Object.fromEntries(entries), all } });
  return ['task', 'all', '-j2', '--output', 'errors'];
}

/** @type {WriteTasks} */
export function makeTasks(dir, tasks) {
  const rules = tasks.map(({ name, needs, command }) => `${name}: ${needs.join(' ')}\n\t@${command}\n`);
  const names = tasks.map(({ name }) => name).join(' ');
  writeFileSync(
    join(dir, 'Makefile'),
    `all: ${lastOf(tasks).join(' ')}\n.PHONY: all ${names}\n${rules.join('')}`,
  );
  return ['-j2', '-s', 'all'];
}

/** Each task is a script of the only package. @type {WriteTasks} */
export function turboTasks(dir, tasks) {
  const scripts = Object.fromEntries(tasks.map(({ name, command }) => [name, command]));
  json(dir, 'package.json', { name: 'bench', version: '1.0.0', packageManager: 'npm@10.0.0', scripts });
  json(dir, 'package-lock.json', { name: 'bench', version: '1.0.0', lockfileVersion: 3, packages: {} });
  const entries = tasks.map(({ name, needs, inputs }) => [
    name,
    inputs ? { dependsOn: needs, inputs, outputs: [] } : { dependsOn: needs, cache: false },
  ]);
  json(dir, 'turbo.json', { tasks: Object.fromEntries(entries) });
  const options = ['--concurrency=2', '--output-logs=errors-only', '--no-update-notifier'];
  return ['run', ...lastOf(tasks), ...options];
}

/** It runs below npm, by which it is told where the package is. @type {WriteTasks} */
export function wireitTasks(dir, tasks) {
  const names = [...tasks.map(({ name }) => name), 'all'];
  const entries = tasks.map(({ name, needs, command, inputs }) => [
    name,
    { command, dependencies: needs, ...(inputs && { files: inputs, output: [] }) },
  ]);
  json(dir, 'package.json', {
    ...{ name: 'bench', version: '1.0.0' },
    scripts: Object.fromEntries(names.map((name) => [name, 'wireit'])),
    wireit: { ...Object.fromEntries(entries), all: { dependencies: lastOf(tasks) } },
  });
  return ['run', '--silent', 'all'];
}

/** No graph: they are run as they stand. @type {WriteTasks} */
export function runAllTasks(dir, tasks) {
  const scripts = Object.fromEntries(tasks.map(({ name, command }) => [name, command]));
  json(dir, 'package.json', { name: 'bench', version: '1.0.0', scripts });
  return ['--silent', '--max-parallel', '2', ...tasks.map(({ name }) => name)];
}

/** Those that no other needs. */
function lastOf(tasks) {
  const needed = new Set(tasks.flatMap(({ needs }) => needs));
  return tasks.map(({ name }) => name).filter((name) => !needed.has(name));
}

/** `src/0/0.txt` and so on: `count` small files. */
export function writeInputs(dir, count) {
  for (let at = 0; at < count; at += 1) {
    const folder = join(dir, 'src', String(Math.floor(at / 100)));
    if (at % 100 === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${String(at)}.txt`), `file ${String(at)}\n`);
  }
}

/** Its program is found by what it starts. */
export const withProgramFirst = (program, env) => ({
  ...env,
  PATH: `${dirname(program)}${delimiter}${env.PATH ?? ''}`,
});
