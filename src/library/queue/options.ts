/** What a message is: text, or bytes. */
export type MessageValue = string | Uint8Array;

export interface OpenQueueOptions {
  /** The socket of the supervisor. Default: `PROCSUP_SOCKET`, else that of the supervisor of `root`. */
  readonly socket?: string;
  /** The directory of the project. Default: the current directory. */
  readonly root?: string;
  /** The queue of this name in Redis, `redis://HOST:PORT`, instead of the supervisor's. */
  readonly on?: string;
}

export interface PutOptions {
  /** Higher ones are given out first, from -1000 to 1000. Default: 0. */
  readonly priority?: number;
  /** Not given out before so many milliseconds. */
  readonly delayMs?: number;
  /** Unique among messages that are not finished; for one message only. */
  readonly key?: string;
  /** What happens where the key is taken. Default: `keep`. */
  readonly onTaken?: 'keep' | 'replace';
  /** Runs before it becomes a dead letter. Default: as the queue says, which is 5. */
  readonly attempts?: number;
  /** How long to wait for room in a queue with `maxsize`; 0: fail at once. Default: without limit. */
  readonly waitMs?: number;
}

export interface GetOptions {
  /** At most so many messages, from 1 to 1000. Default: 1. */
  readonly count?: number;
  /** How long to wait for the first one. Default: 0. */
  readonly waitMs?: number;
  /** When it is given to another reader. Default: when this queue is closed, or this process ends. */
  readonly leaseMs?: number;
}

export interface NackOptions {
  /** It was no failure, and does not count as one. */
  readonly again?: boolean;
  /** In place of the back-off. */
  readonly delayMs?: number;
  /** For the dead letter. */
  readonly reason?: string;
}
