export interface OpenExchangeOptions {
  /** The socket of the supervisor. Default: `PROCSUP_SOCKET`, else that of the supervisor of `root`. */
  readonly socket?: string | undefined;
  /** The directory of the project. Default: the current directory. */
  readonly root?: string | undefined;
}

export interface WaitOptions {
  /** Rejects with `TIMEOUT` when it is over. Default: waits for ever. */
  readonly timeoutMs?: number | undefined;
  /** Aborted, the request rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What can be a value: what JSON can hold. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A state of a value. */
export interface ValueChange {
  /** Undefined: the value does not exist. */
  readonly value: JsonValue | undefined;
  /** Counts up with each write; 0 where the value does not exist. */
  readonly version: number;
  /** So many changes since the last one that this loop has seen were skipped, for it was slow. */
  readonly skipped: number;
}

/** A shared value: `await openValue('stage')`. */
export interface SharedValue extends AsyncDisposable {
  readonly name: string;
  /** Undefined: it does not exist. */
  get(): Promise<JsonValue | undefined>;
  set(value: JsonValue): Promise<void>;
  /** Resolves with false, and changes nothing, if it exists. */
  setIfMissing(value: JsonValue): Promise<boolean>;
  /** Adds to a number, or to 0 if it does not exist; resolves with the sum. Rejects with `NOT_A_NUMBER` or `INEXACT`. */
  increment(by?: number): Promise<number>;
  /** Sets it if it equals `expected`; resolves with whether it did. */
  compareAndSet(expected: JsonValue, value: JsonValue): Promise<boolean>;
  /** Resolves with whether it existed. */
  remove(): Promise<boolean>;
  /** The value now, and each change, until the loop is left, the value is closed or the signal aborted. */
  watch(options?: Pick<WaitOptions, 'signal'>): AsyncGenerator<ValueChange, void, undefined>;
  /** Resolves with it when it equals `value`, also if only for a moment. */
  until(value: JsonValue, options?: WaitOptions): Promise<void>;
  close(): void;
}

/** A flag, as an Event of Python: `await openFlag('migrated')`. */
export interface SharedFlag extends AsyncDisposable {
  readonly name: string;
  isSet(): Promise<boolean>;
  set(): Promise<void>;
  clear(): Promise<void>;
  /** Resolves when it is set. */
  wait(options?: WaitOptions): Promise<void>;
  close(): void;
}

/** A barrier, as in Python: `await openBarrier('round', 3)`. */
export interface SharedBarrier extends AsyncDisposable {
  readonly name: string;
  readonly parties: number;
  /**
   * Resolves when all parties wait, with the index of this one: 0 was the first. Rejects with `BROKEN` if another one ends or
   * gives up before. One that rejects, or is closed, breaks it for the others; then it can be used again.
   */
  wait(options?: WaitOptions): Promise<number>;
  close(): void;
}

export interface ReceiveOptions extends WaitOptions {
  /** Receive every message, as all other receivers do. Default: each message goes to one receiver. */
  readonly broadcast?: boolean | undefined;
  /** At most so many messages are taken from the supervisor at once, from 1 to 1000. Default: 1. */
  readonly count?: number | undefined;
}

/** A channel: `await openChannel('list')`. Nothing is kept: messages that a receiver has taken go with it. */
export interface Channel extends AsyncDisposable {
  readonly name: string;
  /** Resolves when receivers have been given all of them. With none it only makes this a sender. */
  send(
    messages: string | Uint8Array | readonly (string | Uint8Array)[],
    options?: WaitOptions,
  ): Promise<void>;
  /** Sends no more: receivers are told the end if this was the last sender. */
  end(): Promise<void>;
  /** The messages, as text, until the last sender has gone. */
  messages(options?: ReceiveOptions): AsyncGenerator<string, void, undefined>;
  /** The same as bytes. */
  chunks(options?: ReceiveOptions): AsyncGenerator<Uint8Array, void, undefined>;
  /** What waits rejects; receivers and senders go on without this one. */
  close(): void;
}
