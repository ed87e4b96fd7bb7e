/** What a command loads that asks a supervisor, and what a daemon does: the first is waited for, the other stays in memory. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project } from '../helpers/daemon.ts';

/** Writes down at the end which of our chunks and which modules of Node were loaded by the program with this word. */
const TELLING = `
  const fs = require('fs');
  const { basename, dirname, join } = require('path');
  const [, , word] = process.argv;
  const chunks = [];
  const read = fs.readFileSync;
  fs.readFileSync = (path, ...how) => {
    if (/dist.(?!load-bundle)[\\w.-]+\\.cjs$/.test(String(path))) chunks.push(basename(path, '.cjs'));
    return read(path, ...how);
  };
  const told = { chunks, get builtins() { return process.moduleLoadList; } };
  process.on('exit', () => fs.writeFileSync(join(__dirname, word + '.json'), JSON.stringify(told)));
`;

interface Told {
  readonly chunks: readonly string[];
  readonly builtins: readonly string[];
}

test('a command that asks has an entry without what starts programs, and a daemon one without command lines', async () => {
  const app = project('web: exec sleep infinity', { files: { 'telling.cjs': TELLING } });
  const asTelling = (...words: readonly string[]) =>
    app.beginProgram('env', `NODE_OPTIONS=--require=${join(app.root, 'telling.cjs')}`, ...words).ended;
  const toldBy = (word: string) => JSON.parse(readFileSync(join(app.root, `${word}.json`), 'utf8')) as Told;
  const procsup = join(import.meta.dirname, '../../bin/procsup.js');

  expect(await asTelling(procsup, 'start', '-d')).toMatchObject({ status: 0 });
  expect(await asTelling(procsup, 'ps')).toMatchObject({ status: 0, stderr: '' });
  const { chunks, builtins } = toldBy('ps');
  expect(chunks).toEqual(['main-ask']);
  expect(builtins).toContain('NativeModule net');
  expect(builtins).not.toContain('NativeModule child_process');

  expect(await asTelling(procsup, 'stop', 'web')).toMatchObject({ status: 0 });
  expect(toldBy('stop').chunks).toEqual(['main-ask']);
  expect(await asTelling(procsup, 'why', 'web')).toMatchObject({ status: 0 });
  expect(toldBy('why').chunks).toEqual(['main-ask', 'cli.client.dispatch']);

  expect(await app.run('down')).toMatchObject({ status: 0 });
  const daemon = toldBy('--daemon');
  expect(daemon.chunks[0]).toBe('main-daemon');
  expect(daemon.chunks).not.toContain('main');
});
