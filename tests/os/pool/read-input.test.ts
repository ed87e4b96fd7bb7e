/** The input of a pool: all bytes, in memory that does not grow with them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readBytes } from '../../../src/os/pool/read-input.ts';
import { readRecords } from '../../../src/runtime/pool/records.ts';
import { launch, PROCSUP } from '../../helpers/procsup.ts';
import { scratch } from '../../helpers/scratch.ts';

const LINES = Array.from({ length: 60_000 }, (_, index) => `line ${String(index)}`);

function fileOf(text: string): string {
  const path = join(scratch(), 'values');
  writeFileSync(path, text);
  return path;
}

test('all chunks of a file come in the same memory', async () => {
  const text = `${LINES.join('\n')}\n`;
  const buffers = new Set<ArrayBufferLike>();
  let byteCount = 0;
  for await (const chunk of readBytes(fileOf(text))) {
    buffers.add(chunk.buffer);
    byteCount += chunk.length;
  }
  expect(byteCount).toBe(text.length);
  expect(buffers.size).toBe(1);
});

test('records that are cut by the end of a chunk are whole', async () => {
  const records: string[] = [];
  for await (const record of readRecords(readBytes(fileOf(LINES.join('\n'))), { delimiter: 10, name: 'x' }))
    records.push(record);
  expect(records).toEqual(LINES);
});

test('so are those of a pipe that is written in pieces', async () => {
  const { child, ended } = launch(PROCSUP, ['pool', '--dry-run', 'echo'], { cwd: scratch() });
  child.stdin.write('on');
  child.stdin.write('e\ntw');
  child.stdin.write(`o\n${LINES.map((line) => line.replace(' ', '_')).join('\n')}`);
  child.stdin.end();
  const { stdout, status } = await ended;
  expect(status).toBe(0);
  const expected = ['one', 'two', ...LINES.map((line) => line.replace(' ', '_'))];
  expect(stdout).toBe(expected.map((line) => `echo ${line}\n`).join(''));
});
