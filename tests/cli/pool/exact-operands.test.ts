import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { valueOfBytes } from '../../../src/core/pool/quote-value.ts';
import { exactOperands } from '../../../src/cli/pool/exact-operands.ts';
import { lastArguments } from '../../../src/os/process/raw-arguments.ts';
import { scratch } from '../../helpers/scratch.ts';

const RAW = Buffer.from([0x61, 0xe9]);

/** What the system tells of a process with these arguments. */
function cmdline(...words: readonly (string | Uint8Array)[]): string {
  const path = join(scratch(), 'cmdline');
  writeFileSync(
    path,
    Buffer.concat(words.flatMap((word) => [Buffer.from(word as string), Buffer.from([0])])),
  );
  return path;
}

test('where all is text, nothing is read', () => {
  const read = () => {
    throw new Error('not needed');
  };
  expect(exactOperands(['a', ':::', 'é'], read).value).toEqual(['a', ':::', 'é']);
});

describe('what is not UTF-8', () => {
  const decoded = [RAW.toString(), ':::', '', 'b'];

  test('is read from the system', () => {
    const path = cmdline('node', 'procsup', 'pool', RAW, ':::', '', 'b');
    const { value } = exactOperands(decoded, (words) => lastArguments(words, path));
    expect(value).toEqual([valueOfBytes(RAW), ':::', '', 'b']);
  });

  test.each([
    ['there is none', () => '/nonexistent/cmdline'],
    ['it has others', () => cmdline('node', 'procsup', 'pool', RAW, ':::', 'x', 'b')],
    ['it has fewer', () => cmdline('b')],
  ])('is refused where %s', (_, path) => {
    const { value, problems } = exactOperands(decoded, (words) => lastArguments(words, path()));
    expect(value).toBeUndefined();
    expect(problems).toMatchObject([{ code: 'pool-not-utf8' }]);
  });
});
