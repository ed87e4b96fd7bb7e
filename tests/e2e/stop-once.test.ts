/** A program that handles SIGTERM once is killed by the second: each one hears a stop once, wherever it stands in the tree. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { until } from '../helpers/eventually.ts';
import { project } from '../helpers/daemon.ts';
import { startWith } from '../helpers/start.ts';

/** Notes each signal in a file, takes its time after the first one, and tells that it has finished. */
const COUNTER = `
import { appendFileSync } from 'node:fs';
const [name] = process.argv.slice(2);
const note = (text) => appendFileSync('heard.' + name, text + ' ');
let isAsked = false;
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    note(signal);
    if (!isAsked) setTimeout(() => (note('finished'), process.exit(0)), 1000);
    isAsked = true;
  });
}
setInterval(() => undefined, 1_000_000);
note('ready');
`;

/** As it is in most Procfiles: its shell goes first, at SIGTERM as at SIGINT. */
const BEHIND_SHELL = `cd . && node counter.mjs a`;
/** It has left the group, and holds the pipe. */
const APART = `setsid node counter.mjs a & cd . && sleep 1000`;
const BY_NPM = 'npm run --silent serve';
const PACKAGE = JSON.stringify({ scripts: { serve: 'cd . && node counter.mjs a' } });

const files = { 'counter.mjs': COUNTER, 'package.json': PACKAGE };
const heardIn = (root: string): string => {
  const path = join(root, 'heard.a');
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
};
const isReady = (root: string) => until(() => heardIn(root) === 'ready', 'the counter is ready');

const ONCE = 'ready SIGTERM finished';
const LONG = ['-t', '1h'];

describe.each([
  ['behind a shell', BEHIND_SHELL],
  ['in a session of its own', APART],
  ['below npm', BY_NPM],
])('a program %s hears SIGTERM once and finishes', (_where, command) => {
  test('when start is asked to end', async () => {
    const app = startWith({ files: { ...files, Procfile: `web: ${command}\n` }, args: ['start', ...LONG] });
    await isReady(app.root);
    app.kill('SIGTERM');
    expect(await app.ended).toEqual({ status: 0, signal: null });
    expect(heardIn(app.root)).toBe(ONCE);
  });

  test.each(['stop', 'down', 'restart'])('at %s', async (verb) => {
    const app = project(`web: ${command}`, { files });
    await app.up(...LONG);
    await isReady(app.root);
    expect(await app.run(verb)).toMatchObject({ status: 0 });
    // After a restart its successor goes on in the same file.
    expect(heardIn(app.root).split(' ').slice(0, 3).join(' ')).toBe(ONCE);
  });
});

test('a Ctrl-C is passed on as SIGINT, and no SIGTERM follows it', async () => {
  const app = startWith({
    files: { ...files, Procfile: 'web: node counter.mjs a & wait\n' },
    args: ['start', ...LONG],
  });
  await isReady(app.root);
  app.kill('SIGINT');
  await app.ended;
  expect(heardIn(app.root)).toBe('ready SIGINT finished');
});

test.each([
  ['in its group', '(trap "" INT; exec node counter.mjs a)'],
  ['in a session of its own', 'setsid node counter.mjs a'],
])('what a program leaves behind %s when it ends by itself hears SIGTERM once', async (_where, job) => {
  const procfile = `web: ${job} & while [ ! -e go ]; do sleep 0.1; done; exit 3\n`;
  const app = startWith({ files: { ...files, Procfile: procfile }, args: ['start', ...LONG] });
  await isReady(app.root);
  writeFileSync(join(app.root, 'go'), '');
  expect((await app.ended).status).toBe(3);
  expect(heardIn(app.root)).toBe(ONCE);
});

test('a job that ignores SIGINT, as those of a shell do, hears SIGTERM after it, once', async () => {
  const deaf = `
    trap 'printf "SIGTERM " >> heard.a; isAsked=yes' TERM
    printf "ready " >> heard.a
    while [ -z "$isAsked" ]; do sleep 0.1; done
    sleep 1
    printf "finished " >> heard.a
  `;
  const procfile = 'web: sh deaf.sh & wait\n';
  const app = startWith({ files: { 'deaf.sh': deaf, Procfile: procfile }, args: ['start', ...LONG] });
  await isReady(app.root);
  app.kill('SIGINT');
  await app.ended;
  expect(heardIn(app.root)).toBe(ONCE);
});

test('a signal on request that ends the program is the one that the others have heard', async () => {
  const app = project(`web: ${BEHIND_SHELL}`, { files });
  await app.up(...LONG, '--restart', 'never');
  await isReady(app.root);
  expect(await app.run('kill', '-s', 'TERM', 'web')).toMatchObject({ status: 0 });
  await until(() => heardIn(app.root).includes('finished'), 'it has finished');
  expect(heardIn(app.root)).toBe(ONCE);
});

test('what a handler runs to clean up is left to it', async () => {
  const cleaner = `
    import { spawn } from 'node:child_process';
    import { appendFileSync } from 'node:fs';
    const note = (text) => appendFileSync('heard.a', text + ' ');
    process.once('SIGTERM', () => {
      note('SIGTERM');
      spawn('node', ['-e', 'setTimeout(() => process.exit(7), 1000)'], { detached: true })
        .on('exit', (status) => (note(status === 7 ? 'finished' : 'disturbed'), process.exit(0)));
    });
    setInterval(() => undefined, 1_000_000);
    note('ready');
  `;
  const procfile = 'web: cd . && node cleaner.mjs\n';
  const app = startWith({ files: { 'cleaner.mjs': cleaner, Procfile: procfile }, args: ['start', ...LONG] });
  await isReady(app.root);
  app.kill('SIGTERM');
  await app.ended;
  expect(heardIn(app.root)).toBe(ONCE);
});

test('a stage of procsup pipe hears it once, behind its shell', async () => {
  const app = startWith({ files, args: ['pipe', 'cd . && node counter.mjs a | cat'] });
  await isReady(app.root);
  app.kill('SIGTERM');
  await app.ended;
  expect(heardIn(app.root)).toBe(ONCE);
});
