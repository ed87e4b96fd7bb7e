/** What a reader of the logs asks for, and gets. */
import { namesMatcher, processIn } from '../core/plan/select.ts';

export interface LogQuery {
  /** `web.1`; `web`, which means every instance that it has or will have; `work*`; `system` ...; null: all. */
  readonly names: readonly string[] | null;
  /** Unix time in milliseconds: lines that began then or later. */
  readonly sinceMs: number | null;
  /** Only lines that began with a larger stamp: those of one run. Default: all. */
  readonly afterStamp?: number | undefined;
  /** The last so many, in all. */
  readonly lines: number | null;
}

/** `system` means our own lines, and no instance of a process of that name. */
export function isWanted({ names }: Pick<LogQuery, 'names'>, name: string): boolean {
  if (names === null || names.includes(name)) return true;
  const process = processIn(name);
  if (process === 'system') return false;
  const isNamed = namesMatcher(names);
  return isNamed(name) || isNamed(process);
}

export interface LogEntry {
  readonly name: string;
  /** When its first bytes were read, as Unix time in milliseconds. */
  readonly wallMs: number;
  /** The line without its newline, as the program wrote it. */
  readonly text: Buffer;
  /** A piece, whose line goes on in the next entry of this name: it is longer than 64 KiB, or its rest is late. */
  readonly unfinished?: 'long' | 'late';
  /** Orders lines of all processes; those that came in one piece share it. */
  readonly stamp: number;
}

export function wantedNames(query: LogQuery, all: Iterable<string>): readonly string[] {
  return [...all].filter((name) => isWanted(query, name));
}
