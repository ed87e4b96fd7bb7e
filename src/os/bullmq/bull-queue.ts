/** A queue in Redis, by BullMQ: other hosts, and other programs that use BullMQ, share it. */
import type { Engine } from '../../core/exchange/queue/engine.ts';
import { whyTooLarge, type QueueRules } from '../../core/exchange/queue/rules.ts';
import { QueueRefused, type Listed, type Moved, type QueueBackend } from '../../ports/queue-backend.ts';
import { answered, connect, type Connection } from './connection.ts';
import { bodyOf, failuresOf, jobOf, keepTally, KEPT_DONE_MS, standingOf } from './job-message.ts';
import { createLeases } from './leases.ts';
import type { BullJob } from './load.ts';
import { createReading } from './reading.ts';

const SWEEP_MS = 60_000;
const SWEPT_AT_ONCE = 10_000;
const RETRIED_AT_ONCE = 1_000;
const MOST_PRIORITY = 0;

/** Rejects with `QueueRefused`. */
export async function connectQueue(
  root: string,
  name: string,
  engine: Engine,
  firstRules: QueueRules,
): Promise<QueueBackend> {
  const connection = await connect(root, name, engine);
  return createBullQueue(name, connection, firstRules);
}

function createBullQueue(name: string, connection: Connection, firstRules: QueueRules): QueueBackend {
  const { queue, server, offsetMs, remarks, trouble, isDurable } = connection;
  let rules = firstRules;
  let isClosed = false;
  const leases = createLeases(connection, () => rules);
  const reading = createReading(connection, leases, () => rules);
  const asked = <T>(deed: Promise<T>): Promise<T> => answered(connection, deed);

  // By age they are removed only when a later one is done.
  const sweep = setInterval(() => {
    queue.clean(KEPT_DONE_MS, SWEPT_AT_ONCE, 'completed').catch(() => undefined);
  }, SWEEP_MS);
  sweep.unref();

  const jobWith = (id: string): Promise<BullJob | undefined> => asked(queue.getJob(id));

  /** Also after its lease was over, as long as no other run has begun. */
  const removeLate = async (lease: string): Promise<boolean> => {
    const [, id = '', run] = /^(.+)\.(\d{1,9})$/.exec(lease) ?? [];
    const job = await jobWith(id);
    if (job === undefined || job.attemptsStarted !== Number(run)) return false;
    return removeWaiting(job);
  };

  const removeWaiting = async (job: BullJob): Promise<boolean> => {
    const place = await asked(job.getState());
    if (!['waiting', 'prioritized', 'delayed', 'failed'].includes(place)) return false;
    try {
      // Refused where a reader has it by now.
      await asked(job.remove());
      return true;
    } catch (error) {
      if (error instanceof QueueRefused) throw error;
      return false;
    }
  };

  const retryOne = async (job: BullJob | undefined): Promise<boolean> => {
    if (job === undefined || (await asked(job.getState())) !== 'failed') return false;
    const { failed, forgiven } = standingOf(job, rules);
    await asked(keepTally(job, { forgiven: forgiven + failed, excused: 0 }));
    await asked(job.retry('failed'));
    return true;
  };

  const lostOf = async (names: readonly string[], isDone: (name: string) => Promise<boolean>) => {
    const done = await Promise.all(names.map(isDone));
    return names.filter((_, index) => done[index] !== true);
  };

  return {
    async put(items) {
      const large = whyTooLarge(name, rules, items);
      if (large !== undefined) throw new QueueRefused('too-large', large.message, large.remedy);
      for (const { priority = 0, onTaken } of items) {
        if (priority > MOST_PRIORITY)
          throw unsupported(server, 'no priority above 0', 'give the others a lower one');
        if (onTaken === 'replace') throw unsupported(server, "no 'replace'", 'remove the message first');
      }
      const timestamp = Date.now() + offsetMs;
      const jobs = items.map((item) => jobOf(item, rules, timestamp));
      const added = await asked(queue.addBulk(jobs));
      return added.map(({ id = '' }, index) => ({ id, isNew: id === jobs[index]?.opts?.jobId }));
    },

    get: (most, waitMs, leaseMs, client) => reading.get(most, waitMs, leaseMs, client),
    ack: (names) =>
      lostOf(names, async (lease) => (await asked(leases.ack(lease))) || (await removeLate(lease))),
    nack: (names, end) => lostOf(names, (lease) => asked(leases.nack(lease, end))),
    extend: (names, leaseMs) => lostOf(names, (lease) => Promise.resolve(leases.extend(lease, leaseMs))),

    async peek(most, which) {
      const kinds =
        which === 'dead' ? (['failed'] as const) : (['waiting', 'prioritized', 'delayed'] as const);
      const listed: Listed[] = [];
      for (const kind of kinds) {
        const left = most - listed.length;
        if (left <= 0) break;
        const jobs = (await asked(queue.getJobs([kind], 0, left - 1, true))) as readonly BullJob[];
        listed.push(...jobs.map((job) => listedOf(job, kind, rules)));
      }
      return listed;
    },

    remove: (ids) =>
      lostOf(ids, async (id) => {
        const job = await jobWith(id);
        return job !== undefined && (await removeWaiting(job));
      }),

    async retry(ids): Promise<Moved> {
      if (ids !== undefined) {
        const lost = await lostOf(ids, async (id) => retryOne(await jobWith(id)));
        return { count: ids.length - lost.length, lost };
      }
      let count = 0;
      for (;;) {
        const jobs = (await asked(
          queue.getJobs(['failed'], 0, RETRIED_AT_ONCE - 1, true),
        )) as readonly BullJob[];
        const done = await Promise.all(jobs.map(retryOne));
        count += done.filter(Boolean).length;
        if (jobs.length < RETRIED_AT_ONCE || !done.includes(true)) return { count, lost: [] };
      }
    },

    async drain() {
      const waiting = ['waiting', 'prioritized', 'delayed'] as const;
      const count = await asked(queue.getJobCountByTypes(...waiting));
      await asked(queue.drain(true));
      return count;
    },

    async change({ isPaused, attempts, backoffMs, maxMessageBytes }) {
      rules = {
        ...rules,
        ...(attempts !== undefined && { attempts }),
        ...(backoffMs !== undefined && { backoffMs }),
        ...(maxMessageBytes !== undefined && { maxMessageBytes }),
      };
      if (isPaused !== undefined) await asked(isPaused ? queue.pause() : queue.resume());
    },

    drop: () => asked(queue.obliterate({ force: true })),

    async info() {
      const [counts, isPaused] = await asked(
        Promise.all([
          queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active', 'failed'),
          queue.isPaused(),
        ]),
      );
      const of = (kind: string): number => counts[kind] ?? 0;
      return {
        ...{ name, ...rules, maxsize: null, isPaused, isDurable, on: server },
        ready: of('waiting') + of('prioritized'),
        ...{ delayed: of('delayed'), leased: of('active'), dead: of('failed') },
        ...{ readers: reading.readers, writers: 0 },
        remarks: [...remarks, ...(trouble.message === undefined ? [] : [`${server}: ${trouble.message}`])],
      };
    },

    close() {
      if (isClosed) return;
      isClosed = true;
      clearInterval(sweep);
      reading.close();
      leases.close();
      connection.close();
    },
  };
}

function listedOf(job: BullJob, kind: string, rules: QueueRules): Listed {
  const places: Readonly<Record<string, string>> = { failed: 'dead', delayed: 'delayed' };
  return {
    id: job.id ?? '',
    place: places[kind] ?? 'ready',
    attempts: standingOf(job, rules).attempts,
    body: bodyOf(job),
    failures: failuresOf(job),
  };
}

const unsupported = (server: string, what: string, remedy: string): QueueRefused =>
  new QueueRefused('unsupported', `a queue in ${server} has ${what}`, remedy);
