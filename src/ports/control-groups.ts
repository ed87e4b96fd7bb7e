/** Groups of processes whose limits the kernel keeps. */
import type { OwnGroup } from '../core/limits/enforcing.ts';
import type { WatchedLimit } from '../core/limits/limits.ts';

export interface ControlGroupSystem {
  /** The one that we were started in; null: there is none. Looked at once. */
  ownGroup(): Promise<OwnGroup | null>;
  /** We leave our own group for one below it, with all that we have started. Rejects with the system's error. */
  openGroups(): Promise<ControlGroups>;
  /** What the kernel has done in this group; nothing where it cannot be told. */
  countsOf(directory: string): KeptCounts;
  /** Whether systemd makes scopes for us. Tried once. */
  scopes(): Promise<'available' | { readonly why: string }>;
  /** With what the names of our scopes begin. */
  readonly unitPrefix: string;
  /** `--user`, or nothing. */
  readonly manager: readonly string[];
  setProperties(unit: string, properties: readonly string[]): Promise<void>;
  /** Undefined: it cannot be told. While it is there, that is as long as something runs in it. */
  directoryOfUnit(unit: string): string | undefined;
  /** The words of the shell for this environment. */
  shellFor(env: Readonly<Record<string, string>>): readonly string[];
}

export interface ControlGroups {
  /** Returns the directory of a new group. Throws the system's error, as `change` does. */
  make(name: string, limits: readonly WatchedLimit[]): string;
  change(directory: string, limits: readonly WatchedLimit[]): void;
  /** As soon as nothing is in it: `removeEmpty` tries again. */
  remove(directory: string): void;
  removeEmpty(): void;
  close(): Promise<void>;
}

/** How often the kernel has kept a limit. */
export interface KeptCounts {
  /** Processes that it has killed. */
  readonly memory: number;
  /** Processes that it has not let start. */
  readonly processes: number;
}
