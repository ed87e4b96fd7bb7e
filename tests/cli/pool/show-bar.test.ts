/** What is printed on the terminal that shows the bar of a pool. */
import { expect, test } from 'vitest';
import { besideBar } from '../../../src/cli/pool/show-bar.ts';
import { createFakeSink } from '../../helpers/fake-sink.ts';

test('the bar is cleared before output on a terminal, and not for a file', () => {
  const [stdout, stderr] = [createFakeSink(), createFakeSink({ isTerminal: true })];
  const seen: string[] = [];
  const sinks = besideBar(
    { stdout, stderr },
    { clear: () => void seen.push(`cleared after '${stderr.text}'`) },
  );
  expect(sinks.stdout.write(Buffer.from('out\n'))).toBe(true);
  expect(seen).toEqual([]);
  sinks.stderr.write(Buffer.from('one\ntwo\n'));
  sinks.stderr.write(Buffer.from('three\n'));
  expect([stdout.text, stderr.text]).toEqual(['out\n', 'one\ntwo\nthree\n']);
  expect(seen).toEqual(["cleared after ''", "cleared after 'one\ntwo\n'"]);
});
