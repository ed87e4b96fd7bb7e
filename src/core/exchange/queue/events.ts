/** What a queue is asked, what it has written, and what it answers. Times are of the supervisor's monotonic clock. */

/** Text, or bytes that are not UTF-8. */
export type MessageBody = string | Uint8Array;

export interface NewMessage {
  readonly body: MessageBody;
  readonly bytes: number;
  /** Higher ones first; default 0. */
  readonly priority?: number | undefined;
  readonly delayMs?: number | undefined;
  /** Unique among the messages that are not finished. */
  readonly key?: string | undefined;
  /** What happens where the key is taken; default `keep`. */
  readonly onTaken?: 'keep' | 'replace' | undefined;
  /** In place of the rule of the queue. */
  readonly attempts?: number | undefined;
}

/** One delivery of a message: its number, and which of its runs this is. */
export interface LeaseId {
  readonly seq: number;
  readonly attempt: number;
}

/** One change of the store. All of one write are done, or none. */
export type Change =
  | ({ readonly type: 'add'; readonly seq: number; readonly body: MessageBody } & StoredParts)
  | {
      readonly type: 'replace';
      readonly seq: number;
      readonly body: MessageBody;
      readonly bytes: number;
      readonly dueMs: number | null;
    }
  | { readonly type: 'lease'; readonly seq: number; readonly attempts: number }
  | {
      readonly type: 'return';
      readonly seq: number;
      readonly dueMs: number | null;
      readonly attempts: number;
      readonly excused: number;
      readonly failure?: string | undefined;
    }
  | { readonly type: 'bury'; readonly seq: number; readonly failure: string }
  | { readonly type: 'revive'; readonly seq: number }
  | { readonly type: 'remove'; readonly seq: number };

export interface StoredParts {
  readonly bytes: number;
  readonly priority: number;
  readonly key: string | null;
  /** Its own limit of attempts. */
  readonly limit: number | null;
  /** Not before; null: it was never delayed. */
  readonly dueMs: number | null;
}

/** A message as it is found in the store after a restart. */
export interface FoundMessage extends StoredParts {
  readonly seq: number;
  readonly attempts: number;
  /** Runs that asked to be given the message again: they do not count against the limit. */
  readonly excused: number;
  /** `returned`: it is ready again. */
  readonly place: 'ready' | 'returned' | 'leased' | 'dead';
}

/** Messages that are found one after the other, ready for their first run, with nothing special about them. */
export interface FoundRun {
  readonly first: number;
  readonly last: number;
  /** Of the largest one. */
  readonly bytes: number;
}

export type Refusal = 'queue-full' | 'unknown-message' | 'not-written' | 'gone';

export interface PutResult {
  readonly seq: number;
  readonly isNew: boolean;
}

export type QueueEffect =
  /** Write all changes, then say `written`. */
  | {
      readonly type: 'write';
      readonly write: number;
      /** It goes on when the disk is full, as it makes room in the end. */
      readonly isUrgent: boolean;
      readonly changes: readonly Change[];
    }
  /** Write them; nobody waits for it. */
  | { readonly type: 'note'; readonly changes: readonly Change[] }
  | { readonly type: 'put'; readonly ticket: number; readonly results: readonly PutResult[] }
  /** None: the time to wait is over. */
  | { readonly type: 'give'; readonly ticket: number; readonly given: readonly LeaseId[] }
  /** `lost`: leases that are over, and messages that are unknown, by their index in the request. */
  | { readonly type: 'done'; readonly ticket: number; readonly lost: readonly number[] }
  | { readonly type: 'refuse'; readonly ticket: number; readonly why: Refusal }
  | { readonly type: 'died'; readonly seq: number; readonly failure: string };

export interface Counts {
  readonly ready: number;
  readonly delayed: number;
  readonly leased: number;
  readonly dead: number;
}
