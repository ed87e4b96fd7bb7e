import { expect, test } from 'vitest';
import { createJournal, type Journal, type JournalEntry } from '../../src/runtime/journal.ts';

const started = (name: string) => ({ type: 'started', name, run: 1, pid: 1 }) as const;
const LOST = { type: 'guardian-lost' } as const;
const requested = (...names: readonly string[]) =>
  ({ type: 'requested', verb: 'stop', names, cause: { by: 'request' } }) as const;

const seqs = (entries: readonly JournalEntry[]) => entries.map(({ seq }) => seq);
const times = (count: number, deed: (index: number) => void): void => {
  for (let index = 0; index < count; index += 1) deed(index);
};

function setUp(): Journal {
  let wallMs = 1000;
  return createJournal(() => (wallMs += 1));
}

test('entries are numbered from 1 and have their time', () => {
  const journal = setUp();
  expect([journal.lastSeq, journal.after(0)]).toEqual([0, []]);
  journal.add(started('web.1'));
  journal.add(LOST);
  expect(journal.after(0)).toEqual([
    { seq: 1, wallMs: 1001, event: started('web.1') },
    { seq: 2, wallMs: 1002, event: LOST },
  ]);
  expect(journal.lastSeq).toBe(2);
  expect([seqs(journal.after(1)), journal.after(2), journal.after(99)]).toEqual([[2], [], []]);
});

test('the latest thousand are kept', () => {
  const journal = setUp();
  times(1500, () => journal.add(started('web.1')));
  expect(seqs(journal.after(0))).toEqual(Array.from({ length: 1000 }, (_, index) => 501 + index));
});

test('about one: what happened to it, what it was asked, and what is about all', () => {
  const journal = setUp();
  journal.add(started('web.1'));
  journal.add(started('web.2'));
  journal.add(requested('web.1', 'web.2'));
  journal.add(requested('web.2'));
  journal.add(LOST);
  journal.add(started('web.1'));
  expect(seqs(journal.about('web.1'))).toEqual([1, 3, 5, 6]);
  expect(seqs(journal.about('web.2'))).toEqual([2, 3, 4, 5]);
  expect(seqs(journal.about('__proto__'))).toEqual([5]);
});

test('one that crashes all day does not push out what is known of another', () => {
  const journal = setUp();
  journal.add(started('web.1'));
  journal.add(LOST);
  times(5000, () => journal.add(started('bad.1')));
  expect(seqs(journal.about('web.1'))).toEqual([1, 2]);
  expect(seqs(journal.about('bad.1'))).toEqual([
    2,
    ...Array.from({ length: 50 }, (_, index) => 5002 - 49 + index),
  ]);
});

test('of too many names the one last heard of longest ago is forgotten, and never what is about all', () => {
  const journal = setUp();
  journal.add(LOST);
  times(1001, (index) => journal.add(started(`p.${String(index)}`)));
  journal.add(started('p.1'));
  journal.add(started('late.1'));
  expect(seqs(journal.about('p.0'))).toEqual([1]);
  expect(seqs(journal.about('p.1'))).toEqual([1, 3, 1003]);
  expect(seqs(journal.about('p.2'))).toEqual([1]);
});

test('listeners are called after each entry, until they leave; leaving and coming meanwhile is fine', () => {
  const journal = setUp();
  const heard: string[] = [];
  const leaveA = journal.listen(() => {
    heard.push(`a ${String(journal.lastSeq)}`);
    leaveA();
  });
  const leaveB = journal.listen(() => heard.push(`b ${String(journal.after(0).length)}`));
  journal.add(LOST);
  journal.add(LOST);
  leaveB();
  leaveB();
  journal.add(LOST);
  expect(heard).toEqual(['a 1', 'b 1', 'b 2']);
});
