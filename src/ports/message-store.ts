/** Where the messages of queues are kept. Times are Unix timestamps in milliseconds. */
import type { Change, FoundMessage, FoundRun, MessageBody } from '../core/exchange/queue/events.ts';
import type { QueueRules } from '../core/exchange/queue/rules.ts';

export interface QueueSettings extends QueueRules {
  readonly isPaused: boolean;
}

export interface StoredQueue {
  readonly id: number;
  readonly name: string;
  /** Without the rules that the version that wrote it did not know. */
  readonly settings: Partial<QueueRules> & Pick<QueueSettings, 'isPaused'>;
}

export interface StoredMessage {
  readonly body: MessageBody;
  /** Why its runs have failed, oldest first. */
  readonly failures: readonly Failure[];
}

export interface Failure {
  readonly time: string;
  readonly reason: string;
}

export type StoreChange =
  | { readonly queue: number; readonly changes: readonly Change[]; readonly wallMs: number }
  /** A new queue, or other settings of a known one. */
  | { readonly queue: number; readonly name: string; readonly settings: QueueSettings }
  /** With all its messages. */
  | { readonly queue: number; readonly isDropped: true };

/** By the numbers of the first or only message of each part. */
export type FoundPage = readonly ({ readonly queue: number } & (FoundMessage | FoundRun))[];

/** Part of an id: numbers from `firstSeq` on, until the next epoch. */
export interface Epoch {
  readonly firstSeq: number;
  readonly epoch: string;
}

export interface MessageStore {
  readonly kind: 'sqlite' | 'memory';
  /** Oldest first; the last one is new. */
  readonly epochs: readonly Epoch[];
  /** What is to be said about it at its opening: it has lost something. */
  readonly remarks: readonly string[];
  queues(): readonly StoredQueue[];
  /** All messages, in the order of their numbers; each page takes a millisecond or so. */
  found(): Iterable<FoundPage>;
  /** All of them or none, durably. Throws `StoreFull` where there is no room. */
  write(changes: readonly StoreChange[]): void;
  /** Makes room for ends of messages; from then on new ones are refused until `hasRoom`. False: there was none to be made. */
  makeRoom(): boolean;
  /** Whether new messages are taken. */
  hasRoom(): boolean;
  /** Undefined: it is not there. */
  read(seqs: readonly number[]): readonly (StoredMessage | undefined)[];
  close(): void;
}

/** The disk is full, or the memory for messages. */
export class StoreFull extends Error {}
