/** What every backend of queues must do. Plain asserts: a Node with SQLite runs these without a test runner. */
import assert from 'node:assert/strict';
import type { NewMessage } from '../../src/core/exchange/queue/events.ts';
import type { Given, QueueBackend, QueueClient } from '../../src/ports/queue-backend.ts';

/** A queue of its own, empty, with 3 attempts and a back-off of 1 ms. */
export type OpenQueue = () => Promise<QueueBackend>;

/** Where backends differ, in the words of docs/queues.md. */
export interface Traits {
  /** `first`: what comes back after its back-off is given out before what has not run. `last`: after it. */
  readonly returned: 'first' | 'last';
  /** Priorities above 0, and `replace`. */
  readonly hasAll: boolean;
}

const message = (body: string | Uint8Array, more: Partial<NewMessage> = {}): NewMessage => ({
  ...{ body, bytes: body.length },
  ...more,
});

const GONE = new AbortController().signal;
const SINGLE: QueueClient = { holder: undefined, gone: GONE };
let holders = 0;

function session() {
  const releases = new Set<() => void>();
  const client: QueueClient = {
    holder: {
      id: (holders += 1),
      onEnd(release) {
        releases.add(release);
        return () => void releases.delete(release);
      },
    },
    gone: GONE,
  };
  return { client, end: () => [...releases].forEach((release) => release()) };
}

const WAIT_MS = 30_000;
const put = (queue: QueueBackend, ...bodies: readonly string[]) =>
  queue.put(
    bodies.map((body) => message(body)),
    0,
    SINGLE,
  );

async function one(queue: QueueBackend, client = SINGLE): Promise<Given> {
  const [given] = await queue.get(1, WAIT_MS, Infinity, client);
  return given ?? assert.fail('no message came');
}

const textsOf = (given: readonly { readonly body: unknown }[]): readonly unknown[] =>
  given.map(({ body }) => body);

async function countsOf(queue: QueueBackend) {
  const { ready, delayed, leased, dead } = await queue.info();
  return { ready, delayed, leased, dead };
}

/** Asks until it is so. */
async function become(queue: QueueBackend, wanted: object): Promise<void> {
  for (const deadline = Date.now() + WAIT_MS; ;) {
    const counts = await countsOf(queue);
    if (Object.entries(wanted).every(([key, value]) => counts[key as 'ready'] === value)) return;
    if (Date.now() > deadline) assert.deepEqual(counts, wanted);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const CASES: Readonly<Record<string, (open: OpenQueue, traits: Traits) => Promise<void>>> = {
  async 'refuses a message that is larger than its rule says, and all that is put with it'(open) {
    const queue = await open();
    const large = 'x'.repeat(3 * 1024 * 1024);
    await assert.rejects(put(queue, 'a', large), { why: 'too-large' });
    assert.equal((await queue.info()).maxMessageBytes, 1024 * 1024);
    await queue.change({ maxMessageBytes: 3 * 1024 * 1024 });
    await put(queue, large);
    await assert.rejects(put(queue, `${large}x`), { why: 'too-large' });
    assert.equal((await one(queue)).body, large);
    assert.equal((await countsOf(queue)).ready, 0);
  },

  async 'gives text and bytes as they were, in their order, once'(open) {
    const queue = await open();
    const bodies = ['', 'é\0\n', '\u{1f600}', '{"a":1}', Uint8Array.of(255, 0, 1)];
    const answers = await queue.put(
      bodies.map((body) => message(body)),
      0,
      SINGLE,
    );
    assert.equal(new Set(answers.map(({ id }) => id)).size, 5);
    assert.ok(answers.every(({ isNew }) => isNew));
    const given = await queue.get(9, 0, WAIT_MS, SINGLE);
    assert.deepEqual(
      given.map(({ body }) => (typeof body === 'string' ? body : [...body])),
      ['', 'é\0\n', '\u{1f600}', '{"a":1}', [255, 0, 1]],
    );
    assert.deepEqual(
      given.map(({ id, attempt }) => [id, attempt]),
      answers.map(({ id }) => [id, 1]),
    );
    assert.deepEqual(await queue.get(1, 0, WAIT_MS, SINGLE), []);
    assert.deepEqual(await queue.ack(given.map(({ lease }) => lease)), []);
    assert.deepEqual(await countsOf(queue), { ready: 0, delayed: 0, leased: 0, dead: 0 });
  },

  async 'wakes a reader that waits, and lets one go that is gone'(open) {
    const queue = await open();
    const leaving = new AbortController();
    const left = queue.get(1, WAIT_MS, Infinity, { holder: undefined, gone: leaving.signal });
    leaving.abort();
    assert.deepEqual(await left, []);
    const waiting = one(queue);
    await put(queue, 'x');
    assert.equal((await waiting).body, 'x');
    const began = Date.now();
    assert.deepEqual(await queue.get(1, 50, Infinity, SINGLE), []);
    assert.ok(Date.now() - began >= 40);
  },

  async 'a failure is an attempt, and the last one a dead letter with its reasons'(open) {
    const queue = await open();
    await put(queue, 'x');
    const attempts: number[] = [];
    for (const reason of ['a', 'b\n"c"', 'd']) {
      const { lease, attempt } = await one(queue);
      attempts.push(attempt);
      assert.deepEqual(await queue.nack([lease], { failure: reason, again: false }), []);
    }
    assert.deepEqual(attempts, [1, 2, 3]);
    await become(queue, { ready: 0, delayed: 0, leased: 0, dead: 1 });
    const [dead] = await queue.peek(10, 'dead');
    assert.deepEqual([dead?.body, dead?.place, dead?.attempts], ['x', 'dead', 3]);
    assert.deepEqual(
      dead?.failures.map(({ reason }) => reason),
      ['a', 'b\n"c"', 'd'],
    );
    assert.deepEqual(await queue.retry(undefined), { count: 1, lost: [] });
    const again = await one(queue);
    assert.equal(again.attempt, 1);
    await queue.nack([again.lease], { failure: 'e', again: false });
    // It has all its attempts again.
    assert.equal((await one(queue)).attempt, 2);
  },

  async 'what asks to be given again has not failed'(open) {
    const queue = await open();
    await put(queue, 'x');
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const given = await one(queue);
      assert.equal(given.attempt, attempt);
      await queue.nack([given.lease], { failure: 'later', again: true, waitMs: attempt % 2 });
    }
    assert.equal((await countsOf(queue)).dead, 0);
    const listed = await queue.peek(1, 'waiting');
    assert.deepEqual(listed[0]?.failures ?? [], []);
  },

  async 'a message has its own limit of attempts'(open) {
    const queue = await open();
    await queue.put([message('x', { attempts: 1 })], 0, SINGLE);
    await queue.nack([(await one(queue)).lease], { failure: 'a', again: false });
    await become(queue, { dead: 1 });
  },

  async 'gives back at once what a reader had whose session ends'(open) {
    const queue = await open();
    const { client, end } = session();
    await put(queue, 'x');
    const first = await one(queue, client);
    end();
    const second = await one(queue);
    assert.deepEqual([first.attempt, second.attempt], [1, 2]);
    // The first one comes too late.
    assert.deepEqual(await queue.ack([first.lease]), [first.lease]);
    assert.deepEqual(await queue.ack([second.lease]), []);
  },

  async 'a lease is over in time, and extended'(open) {
    const queue = await open();
    await put(queue, 'x');
    const [short] = await queue.get(1, WAIT_MS, 100, SINGLE);
    const second = await one(queue);
    assert.equal(second.attempt, 2);
    assert.deepEqual(await queue.extend([second.lease, short?.lease ?? ''], WAIT_MS), [short?.lease]);
    assert.deepEqual(await queue.ack([second.lease]), []);
  },

  async 'a late ack counts while no other reader has the message'(open) {
    const queue = await open();
    await queue.change({ backoffMs: 60_000 });
    await queue.put([message('x')], 0, SINGLE);
    const { lease } = (await queue.get(1, WAIT_MS, 50, SINGLE))[0] ?? assert.fail('none');
    await become(queue, { leased: 0, delayed: 1 });
    assert.deepEqual(await queue.ack([lease, 'nonsense', 'abc-1.1']), ['nonsense', 'abc-1.1']);
    assert.deepEqual(await countsOf(queue), { ready: 0, delayed: 0, leased: 0, dead: 0 });
  },

  async 'waits with what is delayed, and gives lower priorities last'(open) {
    const queue = await open();
    await queue.put([message('late', { delayMs: 4000 })], 0, SINGLE);
    await queue.put([message('low', { priority: -2 })], 0, SINGLE);
    await queue.put([message('middle', { priority: -1 })], 0, SINGLE);
    await put(queue, 'plain');
    assert.equal((await countsOf(queue)).delayed, 1);
    assert.deepEqual(textsOf(await queue.get(9, 0, Infinity, SINGLE)), ['plain', 'middle', 'low']);
    assert.equal((await one(queue)).body, 'late');
  },

  async 'a key is taken until its message is finished'(open) {
    const queue = await open();
    const keyed = (body: string) => queue.put([message(body, { key: 'k' })], 0, SINGLE);
    const [first] = await keyed('first');
    assert.deepEqual(await keyed('second'), [{ id: first?.id, isNew: false }]);
    const given = await one(queue);
    assert.equal(given.body, 'first');
    await queue.nack([given.lease], { failure: 'a', again: false });
    assert.deepEqual(await keyed('third'), [{ id: first?.id, isNew: false }]);
    await queue.ack([(await one(queue)).lease]);
    const [next] = await keyed('fourth');
    assert.equal(next?.isNew, true);
    await queue.remove([next.id]);
    assert.equal((await keyed('fifth'))[0]?.isNew, true);
  },

  async 'gives nothing out while it is paused, and lets readers finish'(open) {
    const queue = await open();
    await put(queue, 'a', 'b');
    const { lease } = await one(queue);
    await queue.change({ isPaused: true });
    assert.equal((await queue.info()).isPaused, true);
    assert.deepEqual(await queue.get(1, 100, Infinity, SINGLE), []);
    assert.deepEqual(await queue.ack([lease]), []);
    const waiting = one(queue);
    await queue.change({ isPaused: false });
    assert.equal((await waiting).body, 'b');
  },

  async 'lists, removes and drains what no reader has'(open) {
    const queue = await open();
    const [a, b] = await put(queue, 'a', 'b', 'c');
    await queue.put([message('d', { delayMs: 60_000 })], 0, SINGLE);
    const listed = await queue.peek(9, 'waiting');
    assert.deepEqual(
      listed.map(({ body, place, attempts }) => [body, place, attempts]),
      [
        ['a', 'ready', 0],
        ['b', 'ready', 0],
        ['c', 'ready', 0],
        ['d', 'delayed', 0],
      ],
    );
    assert.equal((await queue.peek(2, 'waiting')).length, 2);
    const { lease } = await one(queue);
    const lost = await queue.remove([a?.id ?? '', b?.id ?? '', 'abc-99']);
    assert.deepEqual([...lost].sort(), [a?.id, 'abc-99'].sort());
    assert.equal(await queue.drain(), 2);
    assert.deepEqual(await countsOf(queue), { ready: 0, delayed: 0, leased: 1, dead: 0 });
    assert.deepEqual(await queue.ack([lease]), []);
  },

  async 'what came back stands where the backend says'(open, { returned }) {
    const queue = await open();
    await put(queue, 'a', 'b');
    await queue.nack([(await one(queue)).lease], { failure: 'x', again: false, waitMs: 1 });
    await become(queue, { leased: 0 });
    // Its due time has passed.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const first = await one(queue);
    const second = await one(queue);
    assert.deepEqual([first.body, second.body], returned === 'first' ? ['a', 'b'] : ['b', 'a']);
    await put(queue, 'c');
    await queue.nack([first.lease], { failure: 'x', again: true, waitMs: 0 });
    assert.equal((await one(queue)).body, first.body);
  },

  async 'what it cannot do is refused'(open, { hasAll }) {
    const queue = await open();
    const asked = [message('x', { priority: 3 }), message('x', { key: 'k', onTaken: 'replace' })];
    for (const each of asked) {
      if (hasAll) await queue.put([each], 0, SINGLE);
      else await assert.rejects(queue.put([each], 0, SINGLE), { why: 'unsupported' });
    }
    assert.equal((await countsOf(queue)).ready, hasAll ? 2 : 0);
  },

  async 'many readers share many messages, and each is given once'(open) {
    const queue = await open();
    const bodies = Array.from({ length: 300 }, (_, index) => String(index));
    await put(queue, ...bodies);
    const seen: string[] = [];
    const reader = async (most: number): Promise<void> => {
      for (;;) {
        const given = await queue.get(most, 0, Infinity, SINGLE);
        if (given.length === 0) return;
        seen.push(...given.map(({ body }) => String(body)));
        assert.deepEqual(await queue.ack(given.map(({ lease }) => lease)), []);
      }
    };
    await Promise.all([1, 7, 50].map(reader));
    assert.deepEqual([...seen].sort(), [...bodies].sort());
  },
};
