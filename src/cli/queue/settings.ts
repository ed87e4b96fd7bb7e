/** What a command line of `procsup queue` says; its verb is checked before. */
export interface QueueSettings {
  readonly verb: string;
  readonly name: string;
  readonly words: readonly string[];
  readonly json: boolean;
  readonly count: number | undefined;
  /** In milliseconds. */
  readonly wait: number | undefined;
  readonly noWait: boolean;
  readonly lease: number | undefined;
  readonly delay: number | undefined;
  readonly priority: number | undefined;
  readonly key: string | undefined;
  readonly replace: boolean;
  readonly again: boolean;
  readonly reason: string | undefined;
  readonly workers: number;
  readonly attempts: number | undefined;
  readonly backoff: number | undefined;
  readonly maxsize: number | undefined;
  /** In bytes. */
  readonly maxMessage: number | undefined;
  readonly durable: boolean | undefined;
  readonly on: string | undefined;
}
