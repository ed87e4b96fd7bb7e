/** Time. `now` is in milliseconds, monotonic, of unknown origin; `wallNow` is a Unix timestamp in milliseconds. */
export interface Clock {
  now(): number;
  wallNow(): number;
  /**
   * Calls back once after `ms` milliseconds, unless the returned function is called before. 0: in the next turn of the event
   * loop.
   */
  after(ms: number, callback: () => void): () => void;
}
