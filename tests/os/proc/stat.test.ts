import { describe, expect, test } from 'vitest';
import { emptyStat, hasEnded, parseStat, startTicksIn } from '../../../src/os/proc/stat.ts';

const FIELDS =
  'S 41 42 43 34816 -1 4194304 1 2 3 4 500 60 7000 800 20 -5 1 0 987654321 12345678 999 18446744073709551615 1';

const parsed = (line: string) => {
  const stat = emptyStat();
  const bytes = Buffer.from(line);
  return parseStat(bytes, bytes.length, stat) ? stat : undefined;
};

describe('a line of /proc/PID/stat', () => {
  test.each(['(sh)', '(a b)', '()', '(a) R 1 2 (b)', '(:-))', '(\u00e9)'])(
    'is read, whatever the name: %s',
    (name) => {
      expect(parsed(`4100 ${name} ${FIELDS}\n`)).toEqual({
        state: 'S'.charCodeAt(0),
        parent: 41,
        group: 42,
        session: 43,
        foregroundGroup: -1,
        threads: 1,
        ownTicks: 560,
        reapedTicks: 7800,
        startTicks: 987654321,
        residentPages: 999,
        thread: 0,
      });
      expect(startTicksIn(`4100 ${name} ${FIELDS}\n`)).toBe(987654321);
    },
  );

  test.each(['', '4100', '4100 (sh', '4100 (sh) S 1 2 3'])('is not read when it is none: "%s"', (line) => {
    expect(parsed(line)).toBeUndefined();
    expect(startTicksIn(line)).toBeUndefined();
  });

  test('knows a zombie', () => {
    const of = (state: string) => hasEnded({ ...emptyStat(), state: state.charCodeAt(0) });
    expect(['Z', 'X', 'S', 'R', 'T', 'D'].map(of)).toEqual([true, true, false, false, false, false]);
  });
});
