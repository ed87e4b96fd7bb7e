/** A queue of this supervisor as a backend: names for numbers, and bodies from the store. */
import type { LeaseId } from '../../../core/exchange/queue/events.ts';
import type { Queue } from '../../../core/exchange/queue/queue.ts';
import { DEFAULT_RULES, whyTooLarge } from '../../../core/exchange/queue/rules.ts';
import type { Given, Listed, Moved, QueueBackend, QueueInfo } from '../../../ports/queue-backend.ts';
import { QueueRefused } from '../../../ports/queue-backend.ts';
import type { GroupCommit } from './group-commit.ts';
import { leaseOf, type MessageIds } from './ids.ts';
import type { Runner } from './runner.ts';

export interface LocalQueue extends QueueBackend {
  readonly runner: Runner;
  /** False: it was only asked for, and is as any other would be. */
  readonly isOfUse: boolean;
  readonly isEmpty: boolean;
}

export interface LocalQueueOptions {
  readonly runner: Runner;
  readonly ids: MessageIds;
  readonly commit: GroupCommit;
  readonly isDurable: boolean;
}

const DRAINED_AT_ONCE = 1000;
/** What one list of messages holds: at least one, whatever its size. */
const MOST_LISTED_BYTES = 16 * 1024 * 1024;

export function createLocalQueue({ runner, ids, commit, isDurable }: LocalQueueOptions): LocalQueue {
  const { queue, store, name } = runner;

  /** A lease that is not ours counts as lost as well. */
  const end = async (
    leases: readonly string[],
    ask: (queue: Queue, ticket: number, known: readonly LeaseId[], nowMs: number) => void,
  ): Promise<readonly string[]> => {
    const known: LeaseId[] = [];
    const texts: string[] = [];
    const unknown: string[] = [];
    for (const text of leases) {
      const lease = ids.leaseIn(text);
      if (lease === undefined) unknown.push(text);
      else {
        known.push(lease);
        texts.push(text);
      }
    }
    const lost = await runner.end((_queue, ticket, nowMs) => ask(queue, ticket, known, nowMs));
    return [...unknown, ...lost.map((index) => texts[index] ?? '')];
  };

  const moved = async (
    names: readonly string[],
    ask: (ticket: number, seqs: readonly number[]) => void,
  ): Promise<Moved> => {
    const known = names.flatMap((id) => {
      const seq = ids.seqIn(id);
      return seq === undefined ? [] : [{ id, seq }];
    });
    const lost = await runner.end((_queue, ticket) =>
      ask(
        ticket,
        known.map(({ seq }) => seq),
      ),
    );
    const unknown = names.filter((id) => ids.seqIn(id) === undefined);
    return {
      count: known.length - lost.length,
      lost: [...unknown, ...lost.map((index) => known[index]?.id ?? '')],
    };
  };

  const isEmpty = (): boolean => {
    const { ready, delayed, leased, dead } = queue.counts;
    const { gets, puts } = queue.waiting;
    return ready + delayed + leased + dead + gets + puts === 0;
  };

  return {
    runner,

    async put(items, waitMs, client) {
      const large = whyTooLarge(name, runner.settings, items);
      if (large !== undefined) throw new QueueRefused('too-large', large.message, large.remedy);
      const results = await runner.put(items, waitMs, client);
      return results.map(({ seq, isNew }) => ({ id: ids.idOf(seq), isNew }));
    },

    async get(most, waitMs, leaseMs, client) {
      const given = await runner.get(most, waitMs, leaseMs, client);
      const bodies = store.read(given.map(({ seq }) => seq));
      const all: Given[] = [];
      for (const [index, { seq, attempt }] of given.entries()) {
        const stored = bodies[index];
        // Removed with its queue in the meantime.
        if (stored === undefined) continue;
        const id = ids.idOf(seq);
        all.push({ id, lease: leaseOf(id, attempt), attempt, body: stored.body });
      }
      return all;
    },

    ack: (leases) => end(leases, (_queue, ticket, known) => queue.ack(ticket, known)),
    nack: (leases, how) =>
      end(leases, (_queue, ticket, known, nowMs) => queue.nack(ticket, known, how, nowMs)),
    extend: (leases, leaseMs) =>
      end(leases, (_queue, ticket, known, nowMs) => queue.extend(ticket, known, nowMs + leaseMs)),

    peek(most, which) {
      const seqs = firstOf(which === 'dead' ? queue.dead() : queue.list(), most);
      const listed: Listed[] = [];
      let bytes = 0;
      for (const seq of seqs) {
        const [message] = store.read([seq]);
        const state = queue.stateOf(seq);
        if (message === undefined || state === undefined) continue;
        bytes += message.body.length;
        if (bytes > MOST_LISTED_BYTES && listed.length > 0) break;
        listed.push({ id: ids.idOf(seq), ...state, body: message.body, failures: message.failures });
      }
      return Promise.resolve(listed);
    },

    remove: async (names) => (await moved(names, (ticket, seqs) => queue.remove(ticket, seqs))).lost,
    retry: (names) =>
      moved(names ?? [...queue.dead()].map((seq) => ids.idOf(seq)), (ticket, seqs) =>
        queue.retry(ticket, seqs),
      ),

    async drain() {
      let count = 0;
      // What is put meanwhile stays.
      for (let left = queue.counts.ready + queue.counts.delayed; left > 0;) {
        const seqs = firstOf(queue.list(), Math.min(left, DRAINED_AT_ONCE));
        if (seqs.length === 0) break;
        const lost = await runner.end((_queue, ticket) => queue.remove(ticket, seqs));
        count += seqs.length - lost.length;
        left -= seqs.length;
      }
      return count;
    },

    change: (changed) => runner.change({ ...runner.settings, ...changed }),

    drop: () =>
      new Promise((resolve, reject) => {
        commit.add({
          ...{ changes: [{ queue: runner.id, isDropped: true }], isUrgent: true },
          settle: (isDone) => (isDone ? resolve() : reject(new QueueRefused('not-written'))),
        });
      }),

    info() {
      const { gets, puts } = queue.waiting;
      const info: QueueInfo = {
        ...{ name, ...runner.settings, ...queue.counts, readers: gets, writers: puts, isDurable },
        ...{ on: null, remarks: [] },
      };
      return Promise.resolve(info);
    },

    get isEmpty() {
      return isEmpty();
    },
    get isOfUse() {
      const { maxsize, attempts, backoffMs, maxMessageBytes, isPaused } = runner.settings;
      const isUsual =
        maxsize === DEFAULT_RULES.maxsize &&
        attempts === DEFAULT_RULES.attempts &&
        backoffMs === DEFAULT_RULES.backoffMs &&
        maxMessageBytes === DEFAULT_RULES.maxMessageBytes;
      return !isEmpty() || !isUsual || isPaused;
    },
    close: () => runner.close(),
  };
}

function firstOf(all: Iterable<number>, most: number): readonly number[] {
  const first: number[] = [];
  for (const one of all) {
    if (first.length >= most) break;
    first.push(one);
  }
  return first;
}
