/** What a start without procsup.yaml loads until its first child runs: each module of it is waited for at every start. */
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { launch } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

const DIST = resolve(import.meta.dirname, '../../dist');
/**
 * What it had when this was written, and a little more: who needs more than that makes a lazy chunk, or says why not. Of
 * commands and options it has the tables, which are needed to read any command line, and not the words of the help. The words
 * of the events of the exchange, watches and limits are 7 KB: all events are worded in one place. Sockets on demand have their seams
 * here: which plans wait for clients, the words of their cause, and who is told of changes. What carries out rolling restarts is a
 * chunk; that an instance can have two runs is not, and takes 3 KB.
 */
const MOST_BYTES = 348_000;

/** Runs a start as bin/procsup.js does, and writes down what is loaded when the first child is started. */
const TELLING = `
  const { ChildProcess } = require('child_process');
  const { spawn } = ChildProcess.prototype;
  const chunks = [];
  let told;
  ChildProcess.prototype.spawn = function (options) {
    const isChild = options.envPairs.some((pair) => pair.startsWith('PROCSUP_RUN_ID='));
    if (isChild) told ??= { chunks: [...chunks], builtins: [...process.moduleLoadList] };
    return spawn.call(this, options);
  };
  process.on('exit', () => require('fs').writeFileSync('told.json', JSON.stringify(told)));
  require(process.env.LOADER).boot((name) => chunks.push(name));
`;

interface Told {
  readonly chunks: readonly string[];
  readonly builtins: readonly string[];
}

/** Modules of Node that take a millisecond and more, and are of use to few. */
const HEAVY = ['fs/promises', 'readline', 'http', 'https', 'crypto', 'dns', 'worker_threads', 'v8'];

test('nothing but main, and no heavy module of Node', async () => {
  const cwd = scratch({ Procfile: 'web: true\n', 'telling.cjs': TELLING });
  const env = { LOADER: join(DIST, 'load-bundle.cjs'), XDG_CACHE_HOME: join(cwd, 'cache') };
  const run = launch(process.execPath, [join(cwd, 'telling.cjs'), 'start'], { cwd, env });
  expect(await run.ended).toMatchObject({ status: 0, stderr: '' });
  const { chunks, builtins } = JSON.parse(readFileSync(join(cwd, 'told.json'), 'utf8')) as Told;
  expect(chunks).toEqual(['main']);
  expect(builtins).toContain('NativeModule child_process');
  expect(HEAVY.filter((name) => builtins.includes(`NativeModule ${name}`))).toEqual([]);
});

test('main has not grown', () => {
  expect(statSync(join(DIST, 'main.cjs')).size).toBeLessThan(MOST_BYTES);
});
