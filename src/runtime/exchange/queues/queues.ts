/** All queues of a supervisor, by name. A queue is made by its first use. */
import type { Counts, MessageBody, NewMessage } from '../../../core/exchange/queue/events.ts';
import type { Queue } from '../../../core/exchange/queue/queue.ts';
import { DEFAULT_RULES } from '../../../core/exchange/queue/rules.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Failure, MessageStore, QueueSettings } from '../../../ports/message-store.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';
import { createMessageIds } from './ids.ts';
import { createRunner, QueueRefused, type Client, type Runner } from './runner.ts';

export interface Given {
  readonly id: string;
  readonly lease: string;
  readonly attempt: number;
  readonly body: MessageBody;
}

export interface Listed {
  readonly id: string;
  readonly place: string;
  readonly attempts: number;
  readonly body: MessageBody;
  readonly failures: readonly Failure[];
}

export interface QueueInfo extends Counts, QueueSettings {
  readonly name: string;
  readonly isDurable: boolean;
  readonly readers: number;
  readonly writers: number;
}

export interface Queues {
  put(
    name: string,
    items: readonly NewMessage[],
    waitMs: number,
    client: Client,
  ): Promise<readonly { readonly id: string; readonly isNew: boolean }[]>;
  get(name: string, most: number, waitMs: number, leaseMs: number, client: Client): Promise<readonly Given[]>;
  /** Those that were lost. */
  ack(name: string, leases: readonly string[]): Promise<readonly string[]>;
  nack(
    name: string,
    leases: readonly string[],
    end: Parameters<Queue['nack']>[2],
  ): Promise<readonly string[]>;
  extend(name: string, leases: readonly string[], leaseMs: number): Promise<readonly string[]>;
  list(): readonly QueueInfo[];
  /** Undefined: there is none of this name. */
  peek(name: string, most: number, which: 'waiting' | 'dead'): readonly Listed[] | undefined;
  /** Those that were not there, or that a reader has. */
  remove(name: string, ids: readonly string[]): Promise<readonly string[] | undefined>;
  /** Dead letters; without ids all of them. Answers how many, and which were none. */
  retry(name: string, ids: readonly string[] | undefined): Promise<Moved | undefined>;
  /** All that no reader has, without the dead letters. */
  drain(name: string): Promise<number | undefined>;
  set(name: string, changed: Partial<QueueSettings>, isDurable?: boolean): Promise<'done' | 'not empty'>;
  /** The queue with all its messages. False: there is none. */
  drop(name: string): Promise<boolean>;
  readonly storage: { readonly kind: 'sqlite' | 'memory'; readonly remarks: readonly string[] };
  /** Why the last write was refused. */
  readonly problem: Error | undefined;
  close(): void;
}

export interface Moved {
  readonly count: number;
  readonly lost: readonly string[];
}

export interface QueuesOptions {
  readonly clock: Clock;
  readonly memory: MessageStore;
  /** Undefined: all queues are in memory. */
  readonly durable: MessageStore | undefined;
  /** Why there is none. */
  readonly remarks: readonly string[];
}

const DRAINED_AT_ONCE = 1000;
/** Each takes memory, and any client may make one. */
export const MOST_QUEUES = 1000;

export function createQueues({ clock, memory, durable, remarks }: QueuesOptions): Queues {
  const runners = new Map<string, Runner>();
  const main = durable ?? memory;
  const ids = createMessageIds(main.epochs);
  const commits = new Map<MessageStore, GroupCommit>([
    [memory, createGroupCommit(memory, queueMicrotask)],
    ...(durable === undefined
      ? []
      : [[durable, createGroupCommit(durable, (flush) => clock.after(0, flush))] as const]),
  ]);
  let lastSeq = (main.epochs.at(-1)?.firstSeq ?? 1) - 1;
  let lastId = 0;
  const takeSeq = (): number => (lastSeq += 1);

  const open = (name: string, id: number, settings: QueueSettings, store: MessageStore): Runner => {
    const commit = commits.get(store) ?? createGroupCommit(store, queueMicrotask);
    const runner = createRunner({ id, name, settings, store, commit, clock, takeSeq });
    runners.set(name, runner);
    lastId = Math.max(lastId, id);
    return runner;
  };
  for (const { id, name, settings } of durable?.queues() ?? [])
    if (durable) open(name, id, settings, durable);

  const runnerFor = (name: string): Runner => {
    const known = runners.get(name);
    if (known !== undefined) return known;
    if (runners.size >= MOST_QUEUES) forgetUnused();
    if (runners.size >= MOST_QUEUES) throw new QueueRefused('too-many-queues');
    return open(name, lastId + 1, { ...DEFAULT_RULES, isPaused: false }, main);
  };

  /** They are as any other would be. */
  const forgetUnused = (): void => {
    for (const [name, runner] of runners) {
      if (isOfUse(runner)) continue;
      void drop(runner).catch(() => undefined);
      runner.close();
      runners.delete(name);
    }
  };

  /** By index in the request, what was lost; what is no lease of ours is lost too. */
  const end = async (
    name: string,
    leases: readonly string[],
    ask: (
      queue: Queue,
      ticket: number,
      known: readonly { seq: number; attempt: number }[],
      nowMs: number,
    ) => void,
  ): Promise<readonly string[]> => {
    const read = leases.map((text) => ({ text, lease: ids.leaseIn(text) }));
    const known = read.flatMap(({ text, lease }) => (lease === undefined ? [] : [{ text, lease }]));
    const unknown = read.flatMap(({ text, lease }) => (lease === undefined ? [text] : []));
    const runner = runners.get(name);
    if (runner === undefined) return leases;
    const lost = await runner.end((queue, ticket, nowMs) =>
      ask(
        queue,
        ticket,
        known.map(({ lease }) => lease),
        nowMs,
      ),
    );
    return [...unknown, ...lost.map((index) => known[index]?.text ?? '')];
  };

  const moved = async (
    runner: Runner,
    names: readonly string[],
    ask: (queue: Queue, ticket: number, seqs: readonly number[]) => void,
  ): Promise<Moved> => {
    const known = names.flatMap((id) => {
      const seq = ids.seqIn(id);
      return seq === undefined ? [] : [{ id, seq }];
    });
    const lost = await runner.end((queue, ticket) =>
      ask(
        queue,
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

  return {
    async put(name, items, waitMs, client) {
      const results = await runnerFor(name).put(items, waitMs, client);
      return results.map(({ seq, isNew }) => ({ id: ids.idOf(seq), isNew }));
    },

    async get(name, most, waitMs, leaseMs, client) {
      const runner = runnerFor(name);
      const given = await runner.get(most, waitMs, leaseMs, client);
      const bodies = runner.store.read(given.map(({ seq }) => seq));
      return given.flatMap((one, index) => {
        const stored = bodies[index];
        // Removed with its queue in the meantime.
        if (stored === undefined) return [];
        return [{ id: ids.idOf(one.seq), lease: ids.leaseOf(one), attempt: one.attempt, body: stored.body }];
      });
    },

    ack: (name, leases) => end(name, leases, (queue, ticket, known) => queue.ack(ticket, known)),
    nack: (name, leases, how) =>
      end(name, leases, (queue, ticket, known, nowMs) => queue.nack(ticket, known, how, nowMs)),
    extend: (name, leases, leaseMs) =>
      end(name, leases, (queue, ticket, known, nowMs) => queue.extend(ticket, known, nowMs + leaseMs)),

    list: () => [...runners.values()].filter(isOfUse).map((one) => infoOf(one, durable)),

    peek(name, most, which) {
      const runner = runners.get(name);
      if (runner === undefined) return undefined;
      const { queue, store } = runner;
      const seqs = firstOf(which === 'dead' ? queue.dead() : queue.list(), most);
      const stored = store.read(seqs);
      return seqs.flatMap((seq, index) => {
        const [message, state] = [stored[index], queue.stateOf(seq)];
        if (message === undefined || state === undefined) return [];
        return [{ id: ids.idOf(seq), ...state, body: message.body, failures: message.failures }];
      });
    },

    async remove(name, names) {
      const runner = runners.get(name);
      if (runner === undefined) return undefined;
      return (await moved(runner, names, (queue, ticket, seqs) => queue.remove(ticket, seqs))).lost;
    },

    async retry(name, names) {
      const runner = runners.get(name);
      if (runner === undefined) return undefined;
      const all = names ?? [...runner.queue.dead()].map((seq) => ids.idOf(seq));
      return moved(runner, all, (queue, ticket, seqs) => queue.retry(ticket, seqs));
    },

    async drain(name) {
      const runner = runners.get(name);
      if (runner === undefined) return undefined;
      let count = 0;
      // What is put meanwhile stays.
      for (let left = runner.queue.counts.ready + runner.queue.counts.delayed; left > 0;) {
        const seqs = firstOf(runner.queue.list(), Math.min(left, DRAINED_AT_ONCE));
        if (seqs.length === 0) break;
        const lost = await runner.end((queue, ticket) => queue.remove(ticket, seqs));
        count += seqs.length - lost.length;
        left -= seqs.length;
      }
      return count;
    },

    async set(name, changed, isDurable) {
      const runner = runnerFor(name);
      const store =
        isDurable === undefined || durable === undefined ? runner.store : isDurable ? durable : memory;
      if (store === runner.store) {
        await runner.change({ ...runner.settings, ...changed });
        return 'done';
      }
      const { ready, delayed, leased, dead } = runner.queue.counts;
      const { gets, puts } = runner.queue.waiting;
      if (ready + delayed + leased + dead + gets + puts > 0) return 'not empty';
      runner.close();
      await drop(runner);
      await open(name, lastId + 1, runner.settings, store).change({ ...runner.settings, ...changed });
      return 'done';
    },

    async drop(name) {
      const runner = runners.get(name);
      if (runner === undefined) return false;
      await drop(runner);
      runner.close();
      runners.delete(name);
      return true;
    },

    storage: { kind: main.kind, remarks: [...remarks, ...main.remarks] },
    get problem() {
      return commits.get(main)?.problem;
    },
    close() {
      for (const runner of runners.values()) runner.close();
      for (const store of commits.keys()) store.close();
    },
  };

  function drop({ id, store }: Runner): Promise<void> {
    return new Promise((resolve, reject) => {
      commits.get(store)?.add({
        ...{ changes: [{ queue: id, isDropped: true }], isUrgent: true },
        settle: (isDone) => (isDone ? resolve() : reject(new Error('it could not be written'))),
      });
    });
  }
}

function infoOf({ name, settings, queue, store }: Runner, durable: MessageStore | undefined): QueueInfo {
  const { gets, puts } = queue.waiting;
  return { name, ...settings, ...queue.counts, readers: gets, writers: puts, isDurable: store === durable };
}

/** One that was only asked for, and is as any other would be, is not shown. */
function isOfUse({ queue, settings }: Runner): boolean {
  const { ready, delayed, leased, dead } = queue.counts;
  const { gets, puts } = queue.waiting;
  const { maxsize, attempts, backoffMs } = DEFAULT_RULES;
  const isUsual =
    settings.maxsize === maxsize && settings.attempts === attempts && settings.backoffMs === backoffMs;
  return ready + delayed + leased + dead + gets + puts > 0 || !isUsual || settings.isPaused;
}

function firstOf(all: Iterable<number>, most: number): readonly number[] {
  const first: number[] = [];
  for (const one of all) {
    if (first.length >= most) break;
    first.push(one);
  }
  return first;
}
