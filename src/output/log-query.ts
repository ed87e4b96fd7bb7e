/** What a reader of the logs asks for, and gets. */

export interface LogQuery {
  /** `web.1`, `system` ...; null: all. */
  readonly names: readonly string[] | null;
  /** Unix time in milliseconds: lines that began then or later. */
  readonly sinceMs: number | null;
  /** The last so many, in all. */
  readonly lines: number | null;
}

export interface LogEntry {
  readonly name: string;
  /** When its first bytes were read, as Unix time in milliseconds. */
  readonly wallMs: number;
  /** The line without its newline, as the program wrote it. One that is longer than 64 KiB comes in pieces. */
  readonly text: Buffer;
  /** Orders lines of all processes; those that came in one piece share it. */
  readonly stamp: number;
}
