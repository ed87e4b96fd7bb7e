/** What V8 compiles in one run is there for the next; where it cannot be kept nobody notices. */
import { readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { launch, PROCSUP, type Ended } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

const BOOT = resolve(import.meta.dirname, '../../dist/load-bundle.cjs');

/** Runs a command as bin/procsup.js does, and prints for each chunk whether V8 has refused its code: null for none. */
const TELLING = `
  const refused = {};
  process.on('exit', () => require('fs').writeSync(1, JSON.stringify(refused)));
  require(process.env.BOOT).boot((name, script) => (refused[name] = script.cachedDataRejected ?? null));
`;

function check(cacheHome: string, options: readonly string[] = []): Promise<Ended> {
  const cwd = scratch({ Procfile: 'web: true\n', 'telling.cjs': TELLING });
  const words = [...options, join(cwd, 'telling.cjs'), 'check'];
  return launch(process.execPath, words, { cwd, env: { BOOT, XDG_CACHE_HOME: cacheHome } }).ended;
}

async function refusals(cacheHome: string, ...options: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout, ...end } = await check(cacheHome, options);
  expect(end).toEqual(WELL);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const cachesIn = (cacheHome: string): readonly string[] => readdirSync(join(cacheHome, 'procsup'));

const WELL = { status: 0, signal: null, stderr: 'Valid procfile detected (web)\n' };
// The package has no code for this chunk: where there is some, it is the user's own.
const CHUNK = 'cli.commands.check';

test('the next run of a command takes it, with the same flags', async () => {
  const home = scratch();
  expect(await refusals(home)).toMatchObject({ [CHUNK]: null });
  expect(cachesIn(home)).toEqual([expect.stringMatching(/^check-/)]);
  expect(await refusals(home)).toMatchObject({ main: false, [CHUNK]: false });
  // On Node 20 and 22 V8 would refuse it.
  expect(await refusals(home, '--max-semi-space-size=4')).toMatchObject({ [CHUNK]: null });
  expect(await refusals(home, '--max-semi-space-size=4')).toMatchObject({ main: false, [CHUNK]: false });
  expect(await refusals(home)).toMatchObject({ main: false, [CHUNK]: false });
  expect(cachesIn(home)).toHaveLength(2);
});

test('after a few runs it stays as it is', async () => {
  const home = scratch();
  const contents = (): readonly [ino: number, runs: string] => {
    const path = join(home, 'procsup', cachesIn(home)[0] ?? '');
    return [statSync(path).ino, /^\{"runs":(\d+)/.exec(readFileSync(path, 'latin1'))?.[1] ?? ''];
  };
  for (const runs of ['1', '2', '3', '4']) {
    await check(home);
    expect(contents()[1]).toBe(runs);
  }
  const settled = contents();
  await check(home);
  expect(contents()).toEqual(settled);
});

test('what a start loads while its programs run is in a file of its own', async () => {
  const home = scratch();
  const chunksIn = (kind: RegExp): readonly string[] => {
    const name = cachesIn(home).find((file) => kind.test(file)) ?? '';
    const [head = ''] = readFileSync(join(home, 'procsup', name), 'latin1').split('\n', 1);
    return (JSON.parse(head) as { chunks: [string][] }).chunks.map(([chunk]) => chunk);
  };
  // It ends when it can be asked, by code that is loaded for that.
  const cwd = scratch({ Procfile: `web: until '${PROCSUP}' ps; do sleep 0.1; done\n`, 't.cjs': TELLING });
  const env = { BOOT, XDG_CACHE_HOME: home };
  const start = async (): Promise<unknown> => {
    const { status, stdout } = await launch(process.execPath, [join(cwd, 't.cjs'), 'start'], { cwd, env })
      .ended;
    expect(status).toBe(0);
    return JSON.parse(stdout.slice(stdout.lastIndexOf('{')));
  };
  expect(await start()).toMatchObject({ main: false, 'host.serve': null });
  expect(chunksIn(/^start-[\d.]+-/)).toEqual(['main']);
  expect(chunksIn(/^start-later-/)).toContain('host.serve');
  expect(chunksIn(/^start-later-/)).not.toContain('main');
  expect(await start()).toMatchObject({ main: false, 'host.serve': false });
});

test('one that is damaged is not taken, and replaced', async () => {
  const home = scratch();
  await check(home);
  const [name = ''] = cachesIn(home);
  truncateSync(join(home, 'procsup', name), 1000);
  expect(await refusals(home)).toMatchObject({ [CHUNK]: null });
  expect(await refusals(home)).toMatchObject({ main: false, [CHUNK]: false });
});

test('a command that fails leaves none, nor does a word that is no command', async () => {
  const home = scratch();
  const cwd = scratch({ Procfile: 'web: exit 3\n' });
  const env = { XDG_CACHE_HOME: home };
  expect(await launch(PROCSUP, ['strat'], { cwd, env }).ended).toMatchObject({ status: 2 });
  expect(await launch(PROCSUP, ['start'], { cwd, env }).ended).toMatchObject({ status: 3 });
  expect(readdirSync(home)).toEqual([]);
});

test('twenty at once that all keep theirs leave one', async () => {
  const home = scratch();
  const cwd = scratch({ Procfile: 'web: true\n' });
  const env = { XDG_CACHE_HOME: home };
  const ends = await Promise.all(
    Array.from({ length: 20 }, () => launch(PROCSUP, ['check'], { cwd, env }).ended),
  );
  for (const end of ends) expect(end).toMatchObject(WELL);
  expect(cachesIn(home)).toEqual([expect.stringMatching(/^check-.*\.cache$/)]);
  expect(await refusals(home)).toMatchObject({ [CHUNK]: expect.anything() as unknown });
});

test.each([
  ['the cache cannot be made', '/proc/nowhere', ''],
  ['a file is in its place', join(PROCSUP, 'not a directory'), ''],
  // As on a disk that is full: a write ends short, the next one fails.
  ['a file may not become so large', undefined, 'ulimit -f 100; '],
])('where %s the command works all the same', async (_, cacheHome, limit) => {
  const home = scratch();
  const cwd = scratch({ Procfile: 'web: true\n' });
  const env = { XDG_CACHE_HOME: cacheHome ?? home };
  const { ended } = launch('/bin/sh', ['-c', `${limit}exec "$0" check`, PROCSUP], { cwd, env });
  expect(await ended).toMatchObject(WELL);
  if (cacheHome === undefined) expect(cachesIn(home)).toEqual([]);
});
