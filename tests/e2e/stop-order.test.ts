/** In which order real programs are stopped, by what they write into one file: no clock decides. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project, type ProjectOptions } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { startWith } from '../helpers/start.ts';

/** Takes its time when it is asked to stop: 100 ms, for ever, or until as many as it is told have been asked. */
const NOTER = `
import { appendFileSync, readFileSync } from 'node:fs';
const [name, how = '100ms'] = process.argv.slice(2);
const note = (text) => appendFileSync('notes', name + ' ' + text + '\\n');
const begun = () => readFileSync('notes', 'utf8').split(' begins').length - 1;
const end = () => (note('ends'), process.exit(0));
const stop = () => {
  note('begins');
  if (how === '100ms') setTimeout(end, 100);
  else if (how !== 'never') setInterval(() => begun() >= Number(how) && end(), 10);
};
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, stop);
setInterval(() => undefined, 1_000_000);
note('is ready');
`;

const noter = (name: string, how = '') => `node noter.mjs ${name} ${how}`.trim();
const procfile = (...names: readonly string[]) => names.map((name) => `${name}: ${noter(name)}`).join('\n');
const files = { 'noter.mjs': NOTER };
/** Far beyond a test: nobody is killed, and nobody's time to wait is over. */
const LONG = ['-t', '1h'];

const notesIn = (root: string): readonly string[] => {
  const path = join(root, 'notes');
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
};
const isReady = async (root: string, count: number) => {
  await until(() => notesIn(root).filter((note) => note.endsWith('ready')).length === count, 'all are ready');
};
const stopsIn = (root: string) => notesIn(root).filter((note) => !note.endsWith('ready'));
const oneByOne = (...names: readonly string[]) => names.flatMap((name) => [`${name} begins`, `${name} ends`]);

async function running(lines: string, count: number, words = LONG, more: ProjectOptions['files'] = {}) {
  const app = project(lines, { files: { ...files, ...more } });
  await app.up(...words);
  await isReady(app.root, count);
  return app;
}

test('down stops the last process first, and each when the one after it has ended', async () => {
  const app = await running(procfile('a', 'b', 'c', 'd', 'e'), 5);
  expect(await app.run('down')).toMatchObject({ status: 0 });
  expect(stopsIn(app.root)).toEqual(oneByOne('e', 'd', 'c', 'b', 'a'));
});

test('stop does the same for some processes or all; restart stops them at once', async () => {
  const app = await running(procfile('a', 'b', 'c'), 3);
  expect(await app.run('stop', 'a', 'c')).toMatchObject({ status: 0 });
  expect(stopsIn(app.root)).toEqual(oneByOne('c', 'a'));
  expect((await app.ps()).map(({ state }) => state)).toEqual(['stopped', 'running', 'stopped']);
  await app.run('start', 'c');
  await isReady(app.root, 4);
  expect(await app.run('stop')).toMatchObject({ status: 0 });
  expect(stopsIn(app.root)).toEqual(oneByOne('c', 'a', 'c', 'b'));

  const other = await running(`a: ${noter('a', '2')}\nb: ${noter('b', '2')}`, 2);
  expect(await other.run('restart')).toMatchObject({ status: 0 });
  expect(new Set(stopsIn(other.root).slice(0, 2))).toEqual(new Set(['a begins', 'b begins']));
});

test('the instances of a process are stopped at once', async () => {
  const app = await running(`a: ${noter('a')}\nb: ${noter('b', '3')}`, 4, [...LONG, '-m', 'b=3']);
  expect(await app.run('down')).toMatchObject({ status: 0 });
  expect(stopsIn(app.root)).toEqual([
    ...Array<string>(3).fill('b begins'),
    ...Array<string>(3).fill('b ends'),
    ...oneByOne('a'),
  ]);
});

test('no process waits longer than the timeout for one that does not stop', async () => {
  const app = await running(`${procfile('a', 'b')}\ndeaf: ${noter('deaf', 'never')}`, 3, ['-t', '6s']);
  const down = app.begin('down', '--json');
  expect(await down.ended).toMatchObject({ status: 137 });
  expect(JSON.parse(down.stdout)).toMatchObject({ killed: ['deaf.1'] });
  const [first, ...others] = stopsIn(app.root);
  expect(first).toBe('deaf begins');
  expect(others.toSorted()).toEqual(oneByOne('a', 'b').toSorted());
});

test('a pipeline is one process among the others, and stops from its first stage to its last', async () => {
  const pipelines = ['one', 'two'].map((name) => [
    name,
    { drain: 0, stages: ['in', 'out'].map((stage) => ({ name: stage, command: noter(`${name}/${stage}`) })) },
  ]);
  const app = await running(procfile('a'), 5, LONG, {
    'procsup.yaml': JSON.stringify({ pipelines: Object.fromEntries(pipelines) as object }),
  });
  expect(await app.run('down')).toMatchObject({ status: 0 });
  expect(stopsIn(app.root)).toEqual(oneByOne('two/in', 'two/out', 'one/in', 'one/out', 'a'));
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s reaches all at once', async (signal) => {
  const lines = ['a', 'b', 'c'].map((name) => `${name}: ${noter(name, '3')}`).join('\n');
  const app = startWith({ files: { ...files, Procfile: lines }, args: ['start', ...LONG] });
  await isReady(app.root, 3);
  app.kill(signal);
  expect(await app.ended).toEqual({ status: 0, signal: null });
  expect(stopsIn(app.root).slice(0, 3).toSorted()).toEqual(['a begins', 'b begins', 'c begins']);
});

test('a signal ends the waiting of a down that is under way', async () => {
  const app = await running(`a: ${noter('a', '2')}\nb: ${noter('b', '2')}`, 2);
  const down = app.begin('down');
  await until(() => stopsIn(app.root).includes('b begins'), 'b is being stopped');
  process.kill(app.owner()?.identity.pid ?? 0, 'SIGTERM');
  expect(await down.ended).toMatchObject({ status: 0 });
  expect(stopsIn(app.root).slice(0, 2)).toEqual(['b begins', 'a begins']);
});
