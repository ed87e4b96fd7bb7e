/** A message as the data of a job. A job that another program has added is a message too: its data as JSON. */
import { randomBytes } from 'node:crypto';
import type { MessageBody, NewMessage } from '../../core/exchange/queue/events.ts';
import { DEFAULT_RULES, type QueueRules } from '../../core/exchange/queue/rules.ts';
import type { Failure } from '../../ports/message-store.ts';
import type { BullJob, BullQueue } from './load.ts';

/** What BullMQ does not count. */
interface Tally {
  /** Runs that asked for another one: no failures. */
  readonly excused: number;
  /** Failures before it was retried as a dead letter. */
  readonly forgiven: number;
  /** Deaths of supervisors that were seen to. */
  readonly seenStalls: number;
  /** Failures that BullMQ has counted without a run. */
  readonly uncounted: number;
}

const NO_TALLY: Tally = { excused: 0, forgiven: 0, seenStalls: 0, uncounted: 0 };

/** Completed jobs are kept for a while: one that is sent again after a lost connection is known then. */
const KEPT_DONE = { age: 3600, count: 1000 } as const;
const MOST_FAILURES = 20;

type JobToAdd = Parameters<BullQueue['addBulk']>[0][number];

/** An integer or a colon would be refused. */
export const newJobId = (): string => `${BigInt(`0x${randomBytes(10).toString('hex')}`).toString(36)}-q`;

/** `timestamp`: now, on the clock of the server. */
export function jobOf(item: NewMessage, rules: QueueRules, timestamp: number): JobToAdd {
  const { body, priority = 0, delayMs = 0, key, attempts } = item;
  return {
    name: 'message',
    data: {
      ...(typeof body === 'string' ? { text: body } : { base64: Buffer.from(body).toString('base64') }),
      procsup: NO_TALLY,
    },
    opts: {
      jobId: newJobId(),
      timestamp,
      ...(delayMs > 0 && { delay: delayMs }),
      // There 1 comes first, and after all that have none.
      ...(priority < 0 && { priority: -priority }),
      attempts: attempts ?? rules.attempts,
      backoff: { type: 'exponential', delay: rules.backoffMs },
      removeOnComplete: KEPT_DONE,
      removeOnFail: false,
      stackTraceLimit: MOST_FAILURES,
      ...(key !== undefined && { deduplication: { id: key } }),
    },
  };
}

export const KEPT_DONE_MS = KEPT_DONE.age * 1000;

interface Data {
  readonly text?: unknown;
  readonly base64?: unknown;
  readonly procsup?: Partial<Tally>;
}

const dataOf = ({ data }: BullJob): Data => (typeof data === 'object' && data !== null ? data : {});

export function bodyOf(job: BullJob): MessageBody {
  const { text, base64, procsup } = dataOf(job);
  if (procsup !== undefined && typeof text === 'string') return text;
  if (procsup !== undefined && typeof base64 === 'string')
    return new Uint8Array(Buffer.from(base64, 'base64'));
  if (procsup === undefined) return JSON.stringify(job.data ?? null);
  return JSON.stringify({ ...dataOf(job), procsup: undefined });
}

const tallyOf = (job: BullJob): Tally => ({ ...NO_TALLY, ...dataOf(job).procsup });

/** Of another program's job whose data is no object nothing can be kept. */
export async function keepTally(job: BullJob, changed: Partial<Tally>): Promise<void> {
  if (typeof job.data !== 'object' || job.data === null || Array.isArray(job.data)) return;
  await job.updateData({ ...job.data, procsup: { ...tallyOf(job), ...changed } });
}

export interface Standing {
  /** Runs that have begun and ended, since it was last retried as a dead letter. */
  readonly attempts: number;
  /** Those that count against the limit. */
  readonly failed: number;
  readonly limit: number;
  readonly rules: QueueRules;
  /** Supervisors that have died with it, and that nobody has seen to. */
  readonly unseenStalls: number;
  readonly excused: number;
  readonly uncounted: number;
  readonly forgiven: number;
}

export function standingOf(job: BullJob, rules: QueueRules): Standing {
  const { excused, forgiven, seenStalls, uncounted } = tallyOf(job);
  const ended = job.stalledCounter + job.attemptsMade - uncounted;
  const { attempts: limit, backoff } = job.opts;
  const backoffMs =
    typeof backoff === 'object' ? (backoff.delay ?? rules.backoffMs) : (backoff ?? rules.backoffMs);
  return {
    attempts: ended - forgiven + excused,
    failed: ended - forgiven,
    limit: limit === undefined || limit === 0 ? rules.attempts : limit,
    rules: { ...DEFAULT_RULES, backoffMs },
    unseenStalls: job.stalledCounter - seenStalls,
    ...{ excused, uncounted, forgiven },
  };
}

/** A failure as its error, whose stack BullMQ keeps: `TIME REASON`. */
export function errorOf(reason: string, nowMs: number): Error {
  const error = new Error(reason);
  error.stack = `${new Date(nowMs).toISOString()} ${reason}`;
  return error;
}

const TIME = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) ([^]*)$/;

export function failuresOf(job: BullJob): readonly Failure[] {
  return (job.stacktrace ?? []).map((stack) => {
    const [, time = new Date(job.timestamp).toISOString(), reason = stack.split('\n')[0] ?? ''] =
      TIME.exec(stack) ?? [];
    return { time, reason };
  });
}
