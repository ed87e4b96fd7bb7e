/** What every store of messages must do. Plain asserts: a Node with SQLite runs these without a test runner. */
import assert from 'node:assert/strict';
import type { Change } from '../../src/core/exchange/queue/events.ts';
import { DEFAULT_RULES } from '../../src/core/exchange/queue/rules.ts';
import type { FoundPage, MessageStore, StoreChange } from '../../src/ports/message-store.ts';

export type OpenStore = () => MessageStore;

const PARTS = { bytes: 1, priority: 0, key: null, limit: null, dueMs: null } as const;
const SETTINGS = { ...DEFAULT_RULES, isPaused: false };
const WALL_MS = Date.UTC(2026, 0, 2);

const change = (one: Change, queue = 1): StoreChange => ({ queue, changes: [one], wallMs: WALL_MS });
const add = (seq: number, body: string | Uint8Array = 'x', queue = 1): StoreChange =>
  change({ type: 'add', seq, body, ...PARTS }, queue);

export const CASES: Readonly<Record<string, (open: OpenStore) => void>> = {
  'gives back text and bytes as they were'(open) {
    const store = open();
    const bodies = ['', 'é\0\n', '\u{1f600}', new Uint8Array(), Uint8Array.of(255, 0, 1)];
    store.write(bodies.map((body, index) => add(index + 1, body)));
    const read = store.read([1, 2, 3, 4, 5, 6]);
    const plain = read.map((one) => (typeof one?.body === 'string' ? one.body : one && [...one.body]));
    assert.deepEqual(plain, ['', 'é\0\n', '\u{1f600}', [], [255, 0, 1], undefined]);
    store.close();
  },
  'keeps the reasons of failures'(open) {
    const store = open();
    store.write([add(1)]);
    const returned = { type: 'return', seq: 1, dueMs: null, attempts: 1, excused: 0 } as const;
    store.write([change({ ...returned, failure: 'a\n"b"' }), change(returned)]);
    store.write([change({ type: 'bury', seq: 1, failure: 'c' })]);
    const time = new Date(WALL_MS).toISOString();
    assert.deepEqual(store.read([1])[0]?.failures, [
      { time, reason: 'a\n"b"' },
      { time, reason: 'c' },
    ]);
    store.close();
  },
  'removes and replaces'(open) {
    const store = open();
    store.write([add(1), add(2), change({ type: 'replace', seq: 2, body: 'new', bytes: 3, dueMs: null })]);
    store.write([change({ type: 'remove', seq: 1 })]);
    assert.deepEqual(
      store.read([1, 2]).map((one) => one?.body),
      [undefined, 'new'],
    );
    store.close();
  },
  'drops a queue with its messages, and no others'(open) {
    const store = open();
    store.write([add(1), add(2, 'x', 2), { queue: 1, isDropped: true }]);
    assert.deepEqual(
      store.read([1, 2]).map((one) => one?.body),
      [undefined, 'x'],
    );
    store.close();
  },
};

export const seqsIn = (pages: Iterable<FoundPage>, queue = 1): readonly number[] =>
  [...pages]
    .flat()
    .filter((one) => one.queue === queue)
    .flatMap((one) =>
      'last' in one
        ? Array.from({ length: one.last - one.first + 1 }, (_, index) => one.first + index)
        : [one.seq],
    );

const placesOf = (pages: Iterable<FoundPage>): readonly unknown[] =>
  [...pages]
    .flat()
    .map((one) =>
      'last' in one ? [one.first, one.last] : [one.seq, one.place, one.attempts, one.excused, one.dueMs],
    );

/** Of a store that outlives its closing: `open` opens the same one again. */
export const DURABLE_CASES: Readonly<Record<string, (open: OpenStore) => void>> = {
  'finds what was written, page by page, in order'(open) {
    const first = open();
    first.write([{ queue: 1, name: 'mail', settings: SETTINGS }]);
    first.write(Array.from({ length: 2500 }, (_, index) => add(index + 1)));
    first.close();
    const again = open();
    assert.deepEqual(again.queues(), [{ id: 1, name: 'mail', settings: SETTINGS }]);
    const seqs = seqsIn(again.found());
    assert.deepEqual(
      seqs,
      Array.from({ length: 2500 }, (_, index) => index + 1),
    );
    again.close();
  },
  'finds what is special, and what two queues put in turns, in order'(open) {
    const first = open();
    const special = { type: 'add', body: 'x', ...PARTS, priority: 1 } as const;
    first.write(Array.from({ length: 3000 }, (_, at) => add(at + 1, 'x', at < 1500 ? 1 : 1 + (at % 2))));
    first.write([change({ type: 'remove', seq: 700 }), change({ ...special, seq: 3001 }), add(3002)]);
    first.close();
    const again = open();
    const all = Array.from({ length: 3002 }, (_, at) => at + 1);
    const isOfSecond = (seq: number): boolean => seq > 1500 && seq <= 3000 && seq % 2 === 0;
    assert.deepEqual(
      seqsIn(again.found()),
      all.filter((seq) => seq !== 700 && !isOfSecond(seq)),
    );
    assert.deepEqual(seqsIn(again.found(), 2), all.filter(isOfSecond));
    again.close();
  },
  'finds messages in their places'(open) {
    const first = open();
    first.write([1, 2, 3, 4, 5].map((seq) => add(seq)));
    first.write([
      change({ type: 'lease', seq: 1, attempts: 2 }),
      change({ type: 'return', seq: 2, dueMs: 77, attempts: 2, excused: 1 }),
      change({ type: 'bury', seq: 3, failure: 'x' }),
      change({ type: 'return', seq: 4, dueMs: null, attempts: 0, excused: 0 }),
      change({ type: 'bury', seq: 5, failure: 'x' }),
      change({ type: 'revive', seq: 5 }),
    ]);
    first.close();
    const again = open();
    assert.deepEqual(placesOf(again.found()), [
      [1, 'leased', 2, 0, null],
      [2, 'returned', 2, 1, 77],
      [3, 'dead', 0, 0, null],
      [4, 4],
      [5, 'returned', 0, 0, null],
    ]);
    again.close();
  },
  'begins an epoch with each opening, above all numbers'(open) {
    const first = open();
    first.write([add(7)]);
    first.close();
    const second = open();
    second.write([change({ type: 'remove', seq: 7 })]);
    second.close();
    const third = open();
    // Those without messages are forgotten; numbers go on all the same.
    assert.equal(third.epochs.length, 1);
    assert.ok((third.epochs[0]?.firstSeq ?? 0) > 8);
    third.close();
  },
  'writes all or nothing'(open) {
    const store = open();
    store.write([add(1)]);
    assert.throws(() => store.write([add(2), add(1)]));
    assert.deepEqual(
      store.read([1, 2]).map((one) => one?.body),
      ['x', undefined],
    );
    store.write([add(2)]);
    store.close();
  },
};
