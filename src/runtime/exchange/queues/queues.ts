/** All queues of a supervisor, by name. A queue is made by its first use. */
import { DEFAULT_RULES } from '../../../core/exchange/queue/rules.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { MessageStore, QueueSettings } from '../../../ports/message-store.ts';
import { QueueRefused, type QueueBackend, type QueueInfo } from '../../../ports/queue-backend.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';
import { createMessageIds } from './ids.ts';
import { createLocalQueue, type LocalQueue } from './local-queue.ts';
import { createRunner } from './runner.ts';

export interface Queues {
  /** Throws `QueueRefused` where it would be one too many. */
  open(name: string): QueueBackend;
  /** Undefined: there is none of this name. */
  find(name: string): QueueBackend | undefined;
  /** Without those that were only asked for. */
  list(): Promise<readonly QueueInfo[]>;
  set(name: string, changed: Partial<QueueSettings>, isDurable?: boolean): Promise<'done' | 'not empty'>;
  /** The queue with all its messages. False: there is none. */
  drop(name: string): Promise<boolean>;
  readonly storage: { readonly kind: 'sqlite' | 'memory'; readonly remarks: readonly string[] };
  /** Why the last write was refused. */
  readonly problem: Error | undefined;
  close(): void;
}

export interface QueuesOptions {
  readonly clock: Clock;
  readonly memory: MessageStore;
  /** Undefined: all queues are in memory. */
  readonly durable: MessageStore | undefined;
  /** Why there is none. */
  readonly remarks: readonly string[];
}

/** Each takes memory, and any client may make one. */
export const MOST_QUEUES = 1000;

export function createQueues({ clock, memory, durable, remarks }: QueuesOptions): Queues {
  const queues = new Map<string, LocalQueue>();
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

  const begin = (name: string, id: number, settings: QueueSettings, store: MessageStore): LocalQueue => {
    const commit = commits.get(store) ?? createGroupCommit(store, queueMicrotask);
    const runner = createRunner({ id, name, settings, store, commit, clock, takeSeq });
    const queue = createLocalQueue({ runner, ids, commit, isDurable: store === durable });
    queues.set(name, queue);
    lastId = Math.max(lastId, id);
    return queue;
  };
  for (const { id, name, settings } of durable?.queues() ?? [])
    if (durable) begin(name, id, settings, durable);

  const open = (name: string): LocalQueue => {
    const known = queues.get(name);
    if (known !== undefined) return known;
    if (queues.size >= MOST_QUEUES) forgetUnused();
    if (queues.size >= MOST_QUEUES) throw new QueueRefused('too-many-queues');
    return begin(name, lastId + 1, { ...DEFAULT_RULES, isPaused: false }, main);
  };

  /** They are as any other would be. */
  const forgetUnused = (): void => {
    for (const [name, queue] of queues) {
      if (queue.isOfUse) continue;
      queue.drop().catch(() => undefined);
      queue.close();
      queues.delete(name);
    }
  };

  return {
    open,
    find: (name) => queues.get(name),
    list: () => Promise.all([...queues.values()].flatMap((one) => (one.isOfUse ? [one.info()] : []))),

    async set(name, changed, isDurable) {
      const queue = open(name);
      const { runner } = queue;
      const store =
        isDurable === undefined || durable === undefined ? runner.store : isDurable ? durable : memory;
      if (store === runner.store) {
        await queue.change(changed);
        return 'done';
      }
      if (!queue.isEmpty) return 'not empty';
      queue.close();
      await queue.drop();
      await begin(name, lastId + 1, runner.settings, store).change(changed);
      return 'done';
    },

    async drop(name) {
      const queue = queues.get(name);
      if (queue === undefined) return false;
      await queue.drop();
      queue.close();
      queues.delete(name);
      return true;
    },

    storage: { kind: main.kind, remarks: [...remarks, ...main.remarks] },
    get problem() {
      return commits.get(main)?.problem;
    },
    close() {
      for (const queue of queues.values()) queue.close();
      for (const store of commits.keys()) store.close();
    },
  };
}
