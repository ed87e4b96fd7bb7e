import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as onDisk from '../../src/logs/on-disk.ts';
import { createLogBook } from '../../src/logs/book.ts';
import { nodeDisk } from '../../src/logs/disk.ts';
import { addRun, partedByRuns, readRuns, type LogRun } from '../../src/logs/runs.ts';
import { scratch } from '../helpers/scratch.ts';
import { createTurningClock } from '../helpers/turning-clock.ts';

const runOf = (stamp: number): LogRun => ({ stamp, since: '2026-01-02T03:04:05.000Z', pid: 1000 + stamp });

test('runs are kept in order; what is no run is passed over, a cut line spoils no other', () => {
  const directory = scratch({});
  expect(readRuns(nodeDisk, directory)).toEqual([]);
  addRun(nodeDisk, directory, runOf(1));
  const path = join(directory, 'runs');
  writeFileSync(path, `${readFileSync(path, 'utf8')}nonsense\nnull\n{"stamp":"x"}\n{"stamp":5,"since":"20`);
  addRun(nodeDisk, directory, runOf(7));
  expect(readRuns(nodeDisk, directory)).toEqual([runOf(1), runOf(7)]);
});

test('the first run makes the directory', () => {
  const directory = join(scratch({}), 'logs');
  addRun(nodeDisk, directory, runOf(1));
  expect(readRuns(nodeDisk, directory)).toEqual([runOf(1)]);
});

test('the file does not grow for ever, and keeps the latest runs', () => {
  const directory = scratch({});
  for (let stamp = 1; stamp <= 1600; stamp += 1) addRun(nodeDisk, directory, runOf(stamp));
  const kept = readRuns(nodeDisk, directory);
  expect(kept.length).toBeLessThanOrEqual(1000);
  expect(kept.slice(-400)).toEqual(Array.from({ length: 400 }, (_, at) => runOf(1201 + at)));
});

test('a run that cannot be written is left out', () => {
  const directory = join(scratch({ file: '' }), 'file', 'logs');
  addRun(nodeDisk, directory, runOf(1));
  expect(readRuns(nodeDisk, directory)).toEqual([]);
});

test('a book reads those of its run alone, or of all with a mark before the first of each', async () => {
  const directory = scratch({});
  const clock = createTurningClock();
  const open = () => createLogBook({ onDisk, clock, instances: 1, directory });
  const texts = async (batches: AsyncIterable<readonly { readonly text: Buffer }[]>) => {
    const all: string[] = [];
    for await (const batch of batches) all.push(...batch.map(({ text }) => text.toString()));
    return all;
  };
  const all = { names: null, sinceMs: null, lines: null };
  for (const word of ['first', 'second', 'silent', 'third']) {
    const book = open();
    // In the same millisecond, too.
    if (word !== 'silent') book.writer('web.1').write(Buffer.from(`${word}\n`));
    const own = await texts(book.read({ ...all, afterStamp: book.runs.at(-1)?.stamp }));
    expect(own).toEqual(word === 'silent' ? [] : [word]);
    book.close();
  }
  const book = open();
  const shown: string[] = [];
  const parted = partedByRuns(
    book.read(all),
    book.runs,
    ({ text }) => text.toString(),
    ({ stamp }) => `run ${String(book.runs.findLastIndex((run) => run.stamp === stamp))}`,
  );
  for await (const batch of parted) shown.push(...batch);
  expect(shown).toEqual(['run 0', 'first', 'run 1', 'second', 'run 3', 'third', 'run 4']);
  book.close();
});
