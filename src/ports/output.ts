/** Ports for our own output, and for reading that of the children. */
/** The read end of one kernel pipe. Every pipe reads into the same buffer, given to the `OpenReader`. */
export interface PipeReader {
  /** Stops `data` calls until `resume`. Idempotent. */
  pause(): void;
  resume(): void;
  /** Reads once, at once: a number of bytes now in the buffer, `empty` when a read would wait, `end` at end of file. */
  readNow(): number | 'empty' | 'end';
  /** Releases the descriptor; no callback comes afterwards. */
  close(): void;
}

export interface PipeReaderEvents {
  /** The first `byteCount` bytes of the shared buffer are new; they are valid during the call only. */
  data(byteCount: number): void;
  /** Every writer is gone and everything was read. Called at most once, never after `close`. */
  end(): void;
}

/** Starts reading `fd` (a non-blocking descriptor that the reader now owns), at once. */
export type OpenReader = (fd: number, events: PipeReaderEvents) => PipeReader;

/** Gives the `OpenReader` whose pipes are all read to the start of `buffer`. */
export type ReadInto = (buffer: Uint8Array) => OpenReader;

/** Where our own output goes: a terminal, a pipe, a file, a socket. Never blocks the event loop. */
export interface Sink {
  /** A terminal shows it, so control sequences must be made harmless. */
  readonly isTerminal: boolean;
  /**
   * True: all bytes were taken, the buffer may be reused. False: the sink has kept a copy of what was not taken
   * yet; do not write again until `drain` is called.
   */
  write(bytes: Uint8Array): boolean;
  listen(events: SinkEvents): void;
  /** Releases what the sink holds; whatever was not taken is dropped. Returns the number of dropped bytes. */
  close(): number;
}

export interface SinkEvents {
  /** All kept bytes are gone; writing may go on. */
  drain(): void;
  /**
   * The reader has gone for good (EPIPE, EIO after a hangup), or nothing can ever be written again (EFBIG): further writes
   * are dropped and return true. `errno` says why, if a write failed. Called once.
   */
  gone(errno?: string): void;
  /** The bytes cannot be written for now (ENOSPC); they are kept and tried again. Called once for each such episode. */
  stuck(reason: string): void;
}
