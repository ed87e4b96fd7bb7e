import { describe, expect, test } from 'vitest';
import type { JobOutput, JobResult } from '../../src/core/pool/job.ts';
import { valueOfBytes } from '../../src/core/pool/quote-value.ts';
import { endedRecord, notDoneRecord, type PoolRecord } from '../../src/ui/pool-json.ts';

const RESULT: JobResult = {
  ...{ seq: 2, slot: 1, startedAtMs: 1_700_000_000_123, runtimeMs: 12.4, sentBytes: 0, receivedBytes: 0 },
  ...{ exit: { code: 0 }, attempts: 1, timedOut: false, command: 'echo a' },
};
const jobOf = (...values: string[]) => ({ seq: 2, values, commandFor: () => 'echo a' });
const nothing: JobOutput = { read: () => [] };

const lineOf = (pieces: Iterable<Uint8Array>): string => Buffer.concat([...pieces]).toString();
const recordOf = (pieces: Iterable<Uint8Array>) => JSON.parse(lineOf(pieces)) as PoolRecord;

describe('the record of a job', () => {
  test('is one line', () => {
    const line = lineOf(endedRecord(jobOf('a'), RESULT, { read: (stream) => [Buffer.from(`${stream}\n`)] }));
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(JSON.parse(line)).toEqual({
      ...{ seq: 2, values: ['a'], outcome: 'succeeded', exit: { code: 0 }, attempts: 1, slot: 1 },
      ...{ command: 'echo a', start: '2023-11-14T22:13:20.123Z', durationMs: 12 },
      ...{ stdout: 'stdout\n', stderr: 'stderr\n' },
    });
  });

  test.each([
    [{}, 'succeeded'],
    [{ exit: { code: 3 } }, 'failed'],
    [{ exit: { signal: 'SIGKILL' } }, 'failed'],
    [{ exit: { signal: 'SIGTERM' }, timedOut: true }, 'timed-out'],
    [{ exit: { code: 0 }, timedOut: true }, 'timed-out'],
  ])('%j has %s', (part, outcome) => {
    expect(recordOf(endedRecord(jobOf('a'), { ...RESULT, ...part }, nothing)).outcome).toBe(outcome);
  });

  test.each(['stopped', 'not-run'] as const)('%s: no more than its values', (outcome) => {
    expect(lineOf(notDoneRecord(jobOf('a'), outcome))).toBe(
      `{"seq":2,"values":["a"],"outcome":"${outcome}","exit":null}\n`,
    );
  });

  test.each(['"quoted" \\ \t\r\n\u0000\u001b[1m', 'ä 中 🙂'.repeat(50), '\ufeffmark', ''])(
    'text is exact, in whatever blocks it comes: %j',
    (text) => {
      const bytes = Buffer.from(text);
      for (const size of [1, 2, 3, 7, 1000]) {
        const blocks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
          bytes.subarray(at * size, (at + 1) * size),
        );
        const record = recordOf(endedRecord(jobOf(text), RESULT, { read: () => blocks }));
        expect(record).toMatchObject({ values: [text], stdout: text, stderr: text });
        expect(record).not.toHaveProperty('stdoutBase64');
      }
    },
  );

  test('bytes that are not UTF-8 are marked, and there as base64', () => {
    const bytes = Buffer.concat([
      Buffer.from('a'),
      Buffer.from([0xe9, 0xff]),
      Buffer.alloc(20_000, 0x62),
      Buffer.from([0xc3]),
    ]);
    for (const size of [1, 2, 5, 4096, 30_000]) {
      const blocks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      const output: JobOutput = { read: (stream) => (stream === 'stdout' ? blocks : [Buffer.from('fine')]) };
      const record = recordOf(endedRecord(jobOf('a'), RESULT, output));
      expect(record.stdout).toBe(`a\ufffd\ufffd${'b'.repeat(20_000)}\ufffd`);
      expect(Buffer.from(record.stdoutBase64 ?? '', 'base64')).toEqual(bytes);
      expect(record.stderr).toBe('fine');
      expect(record).not.toHaveProperty('stderrBase64');
    }
    const values = jobOf('x', valueOfBytes(Buffer.from([0xff, 0x41])));
    expect(recordOf(notDoneRecord(values, 'not-run'))).toMatchObject({
      values: ['x', '\ufffdA'],
      valuesBase64: ['eA==', '/0E='],
    });
  });
});
