/** The jobs that readers of this supervisor have. It holds their locks, so that a reader's blocked event loop ends none. */
import { backoffAfter, type QueueRules } from '../../core/exchange/queue/rules.ts';
import type { NackEnd, QueueClient } from '../../ports/queue-backend.ts';
import { LOCK_MS, type Connection } from './connection.ts';
import { errorOf, keepTally, standingOf } from './job-message.ts';
import type { BullJob } from './load.ts';

export interface Leases {
  /** Answers its name. */
  add(job: BullJob, token: string, leaseMs: number, client: QueueClient): string;
  /** False: it is over. */
  ack(lease: string): Promise<boolean>;
  nack(lease: string, end: NackEnd): Promise<boolean>;
  extend(lease: string, leaseMs: number): boolean;
  /** A job that nobody was given. */
  giveBack(job: BullJob, token: string): Promise<void>;
  /** Whose reader died with its supervisor: it waits for its back-off, or has no attempt left. */
  isOver(job: BullJob, token: string): Promise<boolean>;
  close(): void;
}

interface Lease {
  readonly job: BullJob;
  readonly token: string;
  untilMs: number;
  readonly holder: QueueClient['holder'];
}

const RENEW_MS = LOCK_MS / 2;
const LOOK_MS = 500;
/** Codes of BullMQ: the job, its lock or its place is gone, or another has the lock. */
const LOST: ReadonlySet<unknown> = new Set([-1, -2, -3, -6]);

export function createLeases({ offsetMs, trouble }: Connection, rules: () => QueueRules): Leases {
  const leases = new Map<string, Lease>();
  const holders = new Set<number>();
  let renewedMs = Date.now();

  const timer = setInterval(() => {
    const nowMs = Date.now();
    for (const [name, { untilMs }] of leases)
      if (untilMs <= nowMs) quietly(nack(name, { failure: 'the lease expired', again: false }));
    if (nowMs - renewedMs < RENEW_MS) return;
    renewedMs = nowMs;
    // One that is lost is told to its reader when it ends it.
    for (const { job, token } of leases.values()) quietly(job.extendLock(token, LOCK_MS));
  }, LOOK_MS);

  const quietly = (deed: Promise<unknown>): void =>
    void deed.catch((error: unknown) => (trouble.message = (error as Error).message));

  /** False: we have lost it before. */
  const end = async (name: string, deed: (lease: Lease) => Promise<unknown>): Promise<boolean> => {
    const lease = leases.get(name);
    if (lease === undefined) return false;
    leases.delete(name);
    try {
      await deed(lease);
      return true;
    } catch (error) {
      if (LOST.has((error as { readonly code?: unknown }).code)) return false;
      // It may be ours still: it is renewed, and its end can be asked for again.
      leases.set(name, lease);
      throw error;
    }
  };

  const nack = (name: string, how: NackEnd): Promise<boolean> =>
    end(name, async ({ job, token }) => {
      const { failed, limit, rules: own, excused } = standingOf(job, rules());
      if (how.again) {
        const waitMs = how.waitMs ?? backoffAfter(own, 1);
        await keepTally(job, { excused: excused + 1 });
        if (waitMs > 0) await job.moveToDelayed(Date.now() + offsetMs + waitMs, token);
        else await job.moveToWait(token);
        return;
      }
      const isLast = failed + 1 >= limit;
      await fail(job, token, how.failure, isLast ? undefined : (how.waitMs ?? backoffAfter(own, failed + 1)));
    });

  /** `waitMs` undefined: it is a dead letter. */
  const fail = async (job: BullJob, token: string, reason: string, waitMs?: number): Promise<void> => {
    // Only this copy of its options is changed, by which BullMQ decides now.
    job.opts.attempts = waitMs === undefined ? 0 : job.attemptsMade + 2;
    if (waitMs !== undefined)
      job.opts.backoff = { type: 'fixed', delay: waitMs === 0 ? 0 : Math.max(1, waitMs + offsetMs) };
    // At once means at the front.
    job.opts.lifo = true;
    await job.moveToFailed(errorOf(reason, Date.now()), token, false);
  };

  const follow = (holder: NonNullable<QueueClient['holder']>): void => {
    if (holders.has(holder.id)) return;
    holders.add(holder.id);
    holder.onEnd(() => {
      holders.delete(holder.id);
      for (const [name, lease] of leases)
        if (lease.holder?.id === holder.id)
          quietly(nack(name, { failure: 'the reader disconnected', again: false }));
    });
  };

  return {
    add(job, token, leaseMs, { holder }) {
      const name = `${job.id ?? ''}.${String(job.attemptsStarted)}`;
      leases.set(name, { job, token, holder, untilMs: Date.now() + leaseMs });
      if (holder !== undefined) follow(holder);
      return name;
    },
    ack: (name) => end(name, ({ job, token }) => job.moveToCompleted('', token, false)),
    nack,
    extend(name, leaseMs) {
      const lease = leases.get(name);
      if (lease !== undefined) lease.untilMs = Date.now() + leaseMs;
      return lease !== undefined;
    },
    async giveBack(job, token) {
      await job.moveToWait(token);
    },
    async isOver(job, token) {
      const { unseenStalls, failed, limit, rules: own, uncounted } = standingOf(job, rules());
      if (unseenStalls === 0) return false;
      const isLast = failed >= limit;
      await keepTally(job, {
        seenStalls: job.stalledCounter,
        ...(isLast && { uncounted: uncounted + 1 }),
      });
      if (isLast) await fail(job, token, 'the supervisor ended');
      else await job.moveToDelayed(Date.now() + offsetMs + backoffAfter(own, failed), token);
      return true;
    },
    close() {
      clearInterval(timer);
      leases.clear();
    },
  };
}
