/** Hands out jobs to readers in their order. One loop blocks on Redis, for as long as a reader waits. */
import { randomUUID } from 'node:crypto';
import type { Given, QueueClient } from '../../ports/queue-backend.ts';
import type { Connection } from './connection.ts';
import { bodyOf, standingOf } from './job-message.ts';
import type { Leases } from './leases.ts';
import type { BullJob } from './load.ts';
import type { QueueRules } from '../../core/exchange/queue/rules.ts';

export interface Reading {
  get(most: number, waitMs: number, leaseMs: number, client: QueueClient): Promise<readonly Given[]>;
  readonly readers: number;
  close(): void;
}

interface Reader {
  readonly most: number;
  readonly leaseMs: number;
  readonly client: QueueClient;
  readonly settle: (given: readonly Given[]) => void;
}

interface Taken {
  readonly job: BullJob;
  readonly token: string;
}

/** Asked for at once: each is a round trip, and at most as many are in memory. */
const AT_ONCE = 20;
const MOST_GIVEN_BYTES = 4 * 1024 * 1024;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

export function createReading(
  { worker, trouble }: Connection,
  leases: Leases,
  rules: () => QueueRules,
): Reading {
  const readers = new Set<Reader>();
  let isRunning = false;
  let isClosed = false;
  let pauseMs = FIRST_PAUSE_MS;

  /** Undefined: there was none, or none that may run now. */
  const take = async (block: boolean): Promise<Taken | 'nothing' | 'another'> => {
    const token = randomUUID();
    const job = (await worker.getNextJob(token, { block })) as BullJob | undefined;
    if (job === undefined) return 'nothing';
    return (await leases.isOver(job, token)) ? 'another' : { job, token };
  };

  const given = ({ job, token }: Taken, { leaseMs, client }: Reader): Given => {
    const lease = leases.add(job, token, leaseMs, client);
    return { id: job.id ?? '', lease, attempt: standingOf(job, rules()).attempts + 1, body: bodyOf(job) };
  };

  /** Those that wait already, after the first. */
  const fill = async (first: readonly Taken[], most: number): Promise<readonly Taken[]> => {
    const all = [...first];
    let bytes = 0;
    while (all.length < most && bytes < MOST_GIVEN_BYTES) {
      const count = Math.min(AT_ONCE, most - all.length);
      const batch = await Promise.allSettled(Array.from({ length: count }, () => take(false)));
      let isOver = false;
      for (const one of batch) {
        if (one.status === 'rejected') {
          // What was taken is given all the same.
          if (all.length === 0) throw one.reason;
          isOver = true;
        } else if (typeof one.value !== 'string') {
          all.push(one.value);
          bytes += Buffer.byteLength(bodyOf(one.value.job));
        } else isOver ||= one.value === 'nothing';
      }
      if (isOver) break;
    }
    return all;
  };

  const giveTo = (reader: Reader | undefined, taken: readonly Taken[]): void => {
    if (reader !== undefined && readers.has(reader)) {
      readers.delete(reader);
      reader.settle(taken.map((one) => given(one, reader)));
    } else
      for (const { job, token } of taken)
        leases.giveBack(job, token).catch((error: unknown) => (trouble.message = (error as Error).message));
  };

  const run = async (): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    while (!isClosed && readers.size > 0) {
      try {
        const one = await take(true);
        pauseMs = FIRST_PAUSE_MS;
        trouble.message = undefined;
        if (typeof one === 'string') continue;
        const [reader] = readers;
        giveTo(reader, reader === undefined ? [one] : await fill([one], reader.most));
      } catch (error) {
        // It is full, or away: asked again at once it would be asked without end.
        trouble.message = (error as Error).message;
        await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      }
    }
    isRunning = false;
  };

  return {
    async get(most, waitMs, leaseMs, client) {
      if (waitMs <= 0) {
        const own: Reader = { most, leaseMs, client, settle: () => undefined };
        const taken = await fill([], most);
        return taken.map((one) => given(one, own));
      }
      return new Promise((resolve) => {
        const leave = (): void => {
          if (readers.delete(reader)) reader.settle([]);
        };
        const timer = waitMs === Infinity ? undefined : setTimeout(leave, waitMs);
        const stopHolder = client.holder?.onEnd(leave);
        client.gone.addEventListener('abort', leave, { once: true });
        const reader: Reader = {
          ...{ most, leaseMs, client },
          settle(found) {
            clearTimeout(timer);
            stopHolder?.();
            client.gone.removeEventListener('abort', leave);
            resolve(found);
          },
        };
        readers.add(reader);
        void run();
      });
    },
    get readers() {
      return readers.size;
    },
    close() {
      isClosed = true;
      for (const reader of [...readers]) reader.settle([]);
      readers.clear();
    },
  };
}
