/**
 * One queue, whatever keeps its messages: our own machine and store, or an engine elsewhere. All that it does is asked and
 * answered in batches. Ids and leases are text of the backend's making; docs/protocol.md says what they promise.
 */
import type { Counts, MessageBody, NewMessage } from '../core/exchange/queue/events.ts';
import type { Failure, QueueSettings } from './message-store.ts';

/** In whose name a request is made. What it has been given or waits for ends with the holder, or its connection. */
export interface QueueClient {
  /** Of a single request: undefined. */
  readonly holder:
    | {
        readonly id: number;
        /** Calls back once, at its end; never if it has ended already. */
        onEnd(release: () => void): () => void;
      }
    | undefined;
  readonly gone: AbortSignal;
}

export interface PutAnswer {
  readonly id: string;
  readonly isNew: boolean;
}

export interface Given {
  readonly id: string;
  readonly lease: string;
  readonly attempt: number;
  readonly body: MessageBody;
}

export interface NackEnd {
  readonly failure: string;
  /** It is to be given out again, and this was no failure. */
  readonly again: boolean;
  /** In place of the back-off. */
  readonly waitMs?: number | undefined;
}

export interface Listed {
  readonly id: string;
  readonly place: string;
  readonly attempts: number;
  readonly body: MessageBody;
  readonly failures: readonly Failure[];
}

export interface Moved {
  readonly count: number;
  readonly lost: readonly string[];
}

export interface QueueInfo extends Counts, QueueSettings {
  readonly name: string;
  readonly isDurable: boolean;
  /** The engine that keeps it, without its password; null: this supervisor. */
  readonly on: string | null;
  /** What its users should know. */
  readonly remarks: readonly string[];
  readonly readers: number;
  readonly writers: number;
}

/** What rejects rejects with `QueueRefused`. */
export interface QueueBackend {
  /** All or none, when they are stored. `waitMs`: for room; Infinity: for ever. */
  put(items: readonly NewMessage[], waitMs: number, client: QueueClient): Promise<readonly PutAnswer[]>;
  /** As soon as there is one; none after `waitMs`. `leaseMs` Infinity: as long as the holder lasts. */
  get(most: number, waitMs: number, leaseMs: number, client: QueueClient): Promise<readonly Given[]>;
  /** These three answer which leases were lost. */
  ack(leases: readonly string[]): Promise<readonly string[]>;
  nack(leases: readonly string[], end: NackEnd): Promise<readonly string[]>;
  extend(leases: readonly string[], leaseMs: number): Promise<readonly string[]>;
  peek(most: number, which: 'waiting' | 'dead'): Promise<readonly Listed[]>;
  /** Answers which were not there, or are with a reader. */
  remove(ids: readonly string[]): Promise<readonly string[]>;
  /** Dead letters; without ids all of them. */
  retry(ids: readonly string[] | undefined): Promise<Moved>;
  /** All that no reader has, without the dead letters. Answers how many. */
  drain(): Promise<number>;
  /** Rules, and whether messages are given out. */
  change(changed: Partial<QueueSettings>): Promise<void>;
  /** Removes it with all its messages; then it is to be closed. */
  drop(): Promise<void>;
  info(): Promise<QueueInfo>;
  /** What waits is refused with `gone`; messages stay where they are. */
  close(): void;
}

export type QueueRefusal =
  | 'queue-full'
  | 'unknown-message'
  | 'too-large'
  | 'not-written'
  | 'gone'
  | 'too-many-queues'
  /** The engine cannot do it, cannot be used, or has not said whether it was done. */
  | 'unsupported'
  | 'no-engine'
  | 'not-known';

export class QueueRefused extends Error {
  readonly why: QueueRefusal;
  readonly remedy: string | undefined;

  /** `message`: of those of engines, and of what is too large. */
  constructor(why: QueueRefusal, message: string = why, remedy?: string) {
    super(message);
    this.why = why;
    this.remedy = remedy;
  }
}
