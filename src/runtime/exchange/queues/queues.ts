/** All queues of a supervisor, by name. A queue is made by its first use; procsup.yaml may have rules for it. */
import { engineText, type Engine } from '../../../core/exchange/queue/engine.ts';
import { DEFAULT_RULES, type QueueRules } from '../../../core/exchange/queue/rules.ts';
import type { QueueSpec } from '../../../core/plan/queues.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { MessageStore, QueueSettings, StoredQueue } from '../../../ports/message-store.ts';
import { QueueRefused, type QueueBackend, type QueueInfo } from '../../../ports/queue-backend.ts';
import { createBurst, createStoreTeller, type Tell } from '../tellers.ts';
import { foundParts, type FoundParts } from './found.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';
import { createMessageIds } from './ids.ts';
import { createLocalQueue, type LocalQueue } from './local-queue.ts';
import { createRemoteQueue } from './remote-queue.ts';
import { createRunner } from './runner.ts';

export interface Queues {
  /** Without `engine`: where procsup.yaml says. Throws `QueueRefused` where it would be one too many. */
  open(name: string, engine?: Engine): QueueBackend;
  /** Undefined: there is none of this name. */
  find(name: string, engine?: Engine): QueueBackend | undefined;
  /** Without those that were only asked for. */
  list(): Promise<readonly QueueInfo[]>;
  /** Undefined: it is kept by this supervisor. */
  engineOf(name: string, engine?: Engine): Engine | undefined;
  /** Applies the rules of procsup.yaml. Answers what cannot be applied. */
  declare(specs: readonly QueueSpec[]): Promise<readonly string[]>;
  /** Of a queue of this supervisor. */
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
  /** What the durable store holds, if that was read already. */
  readonly found?: FoundParts | undefined;
  /** Rejects with `QueueRefused`. */
  readonly connect: (name: string, engine: Engine, rules: QueueRules) => Promise<QueueBackend>;
  readonly tell?: Tell;
}

/** Each takes memory, and any client may make one. */
export const MOST_QUEUES = 1000;

export function createQueues(options: QueuesOptions): Queues {
  const { clock, memory, durable, remarks, found, connect, tell = () => undefined } = options;
  const queues = new Map<string, LocalQueue>();
  const remotes = new Map<string, RemoteQueue>();
  let declared: ReadonlyMap<string, QueueSpec> = new Map();
  const main = durable ?? memory;
  const ids = createMessageIds(main.epochs);
  const stores = createStoreTeller(clock, tell);
  const wroteTo = (store: MessageStore) => (problem: Error | undefined) => {
    if (store === main) stores.wrote(problem);
  };
  const commits = new Map<MessageStore, GroupCommit>([
    [memory, createGroupCommit(memory, queueMicrotask, wroteTo(memory))],
    ...(durable === undefined
      ? []
      : [[durable, createGroupCommit(durable, (flush) => clock.after(0, flush), wroteTo(durable))] as const]),
  ]);
  const deaths = createBurst(clock, tell, (names, count) => ({
    ...{ type: 'messages-dead', queues: names, count },
  }));
  /** With the first queue: who uses none need not know. */
  let untold = [...remarks, ...main.remarks];
  let lastSeq = (main.epochs.at(-1)?.firstSeq ?? 1) - 1;
  let lastId = 0;
  const takeSeq = (): number => (lastSeq += 1);

  const begin = (one: StoredQueue, store: MessageStore, held?: FoundParts): LocalQueue => {
    const { id, name } = one;
    const settings = { ...DEFAULT_RULES, ...one.settings };
    const commit = commits.get(store) ?? createGroupCommit(store, queueMicrotask);
    for (const reason of untold) tell({ type: 'store-remark', reason });
    untold = [];
    const died = (seq: number, attempts: number, reason: string): void =>
      deaths.happened(name, { type: 'message-dead', queue: name, id: ids.idOf(seq), attempts, reason });
    const runner = createRunner({
      ...{ id, name, settings, store, commit, clock, takeSeq, died },
      found: held?.get(id),
    });
    const queue = createLocalQueue({ runner, ids, commit, isDurable: store === durable });
    queues.set(name, queue);
    lastId = Math.max(lastId, id);
    return queue;
  };
  if (durable !== undefined) {
    const held = found ?? foundParts(durable);
    for (const one of durable.queues()) begin(one, durable, held);
  }

  const makeRoom = (): void => {
    if (queues.size + remotes.size >= MOST_QUEUES) forgetUnused();
    if (queues.size + remotes.size >= MOST_QUEUES) throw new QueueRefused('too-many-queues');
  };

  const openHere = (name: string): LocalQueue => {
    const known = queues.get(name);
    if (known !== undefined) return known;
    makeRoom();
    return begin({ name, id: lastId + 1, settings: { ...DEFAULT_RULES, isPaused: false } }, main);
  };

  const openOn = (name: string, engine: Engine): QueueBackend => {
    const key = `${JSON.stringify(engine)} ${name}`;
    const known = remotes.get(key);
    if (known !== undefined) return known.queue;
    makeRoom();
    const rules = { ...DEFAULT_RULES, ...declared.get(name)?.rules };
    const queue = createRemoteQueue(() => connect(name, engine, rules));
    remotes.set(key, { name, engine, queue });
    return queue;
  };

  const engineOf = (name: string, engine: Engine | undefined): Engine | undefined =>
    engine ?? declared.get(name)?.engine;

  const open = (name: string, given?: Engine): QueueBackend => {
    const engine = engineOf(name, given);
    return engine === undefined ? openHere(name) : openOn(name, engine);
  };

  /** They are as any other would be. */
  const forgetUnused = (): void => {
    for (const [name, queue] of queues) {
      if (queue.isOfUse || declared.has(name)) continue;
      queue.drop().catch(() => undefined);
      queue.close();
      queues.delete(name);
    }
  };

  return {
    open,
    engineOf,
    find(name, given) {
      const engine = engineOf(name, given);
      return engine === undefined ? queues.get(name) : openOn(name, engine);
    },

    list() {
      const here = [...queues].flatMap(([name, one]) =>
        one.isOfUse || declared.has(name) ? [one.info()] : [],
      );
      for (const { name, engine } of declared.values()) if (engine !== undefined) openOn(name, engine);
      return Promise.all([...here, ...[...remotes.values()].map((one) => infoOf(one, clock))]);
    },

    async declare(specs) {
      declared = new Map(specs.map((spec) => [spec.name, spec]));
      return (await Promise.all(specs.map(applied))).flat();
    },

    set,

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
      for (const { queue } of remotes.values()) queue.close();
      stores.close();
      deaths.close();
      for (const store of commits.keys()) store.close();
    },
  };

  async function applied({ name, rules, isDurable, engine }: QueueSpec): Promise<readonly string[]> {
    if (engine !== undefined) {
      const left = queues.get(name);
      if (left?.isEmpty === false)
        return [`queue '${name}' has messages here, which stay: remove 'on' to get them`];
      await openOn(name, engine)
        .change(rules)
        .catch(() => undefined);
      return [];
    }
    const queue = openHere(name);
    const isChanged = Object.entries(rules).some(
      ([key, value]) => queue.runner.settings[key as keyof QueueRules] !== value,
    );
    const isMoved = isDurable !== undefined && (queue.runner.store === durable) !== isDurable;
    if (isDurable === true && durable === undefined) {
      if (isChanged) await queue.change(rules);
      return [`queue '${name}' cannot be durable: ${remarks[0] ?? 'nothing keeps messages on disk'}`];
    }
    if (!isChanged && !isMoved) return [];
    if ((await set(name, rules, isDurable)) === 'done') return [];
    await queue.change(rules);
    return [`queue '${name}' is not empty: 'durable' is applied when it is, at the next reload`];
  }

  async function set(
    name: string,
    changed: Partial<QueueSettings>,
    isDurable?: boolean,
  ): Promise<'done' | 'not empty'> {
    const queue = openHere(name);
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
    await begin({ name, id: lastId + 1, settings: runner.settings }, store).change(changed);
    return 'done';
  }
}

interface RemoteQueue {
  readonly name: string;
  readonly engine: Engine;
  readonly queue: QueueBackend;
}

const LIST_MS = 2_000;

/** One that cannot be asked, or does not answer soon, is shown all the same. */
async function infoOf({ name, engine, queue }: RemoteQueue, clock: Clock): Promise<QueueInfo> {
  try {
    return await new Promise((resolve, reject) => {
      const cancel = clock.after(LIST_MS, () =>
        reject(new Error(`${engineText(engine)} has not answered yet`)),
      );
      queue.info().then(resolve, reject).finally(cancel);
    });
  } catch (error) {
    return {
      ...{ name, ...DEFAULT_RULES, isPaused: false, isDurable: false, on: engineText(engine) },
      ...{ ready: 0, delayed: 0, leased: 0, dead: 0, readers: 0, writers: 0 },
      remarks: [(error as Error).message],
    };
  }
}
