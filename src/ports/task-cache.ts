/** Results of tasks that are kept: found by what they depend on, put back, recorded, and shared by runs at the same time. */
import type { MissReason } from '../core/task/key.ts';
import type { Task } from '../core/task/task.ts';

export type { MissReason };

/** What the key of a task is made of, kept so that a miss can be explained. */
export interface Fingerprint {
  /** Hexadecimal digits: the same for the same command, arguments, inputs, variables, tools and dependencies. */
  readonly key: string;
  /** Name of each part (`command`, `file src/a.ts`, `env NODE_ENV`, `tool node --version`, `task build`) and its digest. */
  readonly parts: ReadonlyMap<string, string>;
  /** Why no result with this key is found or kept: `what 'lint' depends on is not known`. It still explains a miss. */
  readonly notKept?: string;
  /** Globs of its inputs that match no file. */
  readonly unmatched?: readonly string[];
}

export interface FingerprintContext {
  /** What follows `--`, if the task takes it. */
  readonly args: readonly string[];
  /** All variables that its command gets. */
  readonly environment: Readonly<Record<string, string>>;
  /** The keys of the tasks that it needs, by their names; null: it has none, as its result is not kept, so this one's is not either. */
  readonly dependencies: ReadonlyMap<string, string | null>;
  readonly signal?: AbortSignal;
}

/** Recorded output: what stdout and stderr were given, in the order in which it was read. */
export interface RecordedOutput {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Uint8Array;
}

/** A result that can stand for a run. */
export interface KeptResult {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly madeAtMs: number;
  /** How long the command took. */
  readonly durationMs: number;
  /**
   * Puts the outputs back as they were, and removes what else matches. What is there already stays. Rejects with the system's
   * error, or where the result is damaged, which is removed then: claim it again with `force`, and run it.
   */
  restore(): Promise<{ readonly restored: number; readonly removed: number }>;
  output(): AsyncIterable<RecordedOutput>;
}

/**
 * The right to run the task, which other runs on this machine wait for. Held by a task that runs, and by none that waits: no slot,
 * lock or other claim is to be held while `claim` waits, so that two runs with crossing orders cannot block each other.
 */
export interface Recording {
  /** What the command has written; it is copied. */
  write(stream: 'stdout' | 'stderr', bytes: Uint8Array): void;
  /**
   * It has succeeded: its outputs are kept. Resolves with why they are not, where they cannot be (a full disk, an input
   * that has changed meanwhile). `unmatched`: globs of its outputs that match no file.
   */
  keep(durationMs: number): Promise<{ readonly notKept?: string; readonly unmatched?: readonly string[] }>;
  /** It has failed or was interrupted: nothing is kept. Those who wait are told the status, if there is one. */
  drop(status: number | null): Promise<void>;
}

/** `joined`: another run has carried it out meanwhile and it has failed with this status. */
export type Claim =
  | { readonly type: 'kept'; readonly result: KeptResult }
  | { readonly type: 'run'; readonly recording: Recording }
  | { readonly type: 'joined'; readonly status: number; output(): AsyncIterable<RecordedOutput> };

/** One for each run of a graph: nothing is removed from the cache by anybody while it is open. */
export interface TaskCache {
  /**
   * Rejects with the system's error if an input cannot be read, or a tool cannot be run. After what it needs has run: some inputs
   * may be outputs of others. Only for a task that is cacheable.
   */
  fingerprint(task: Task, context: FingerprintContext): Promise<Fingerprint>;
  /** Without waiting, and without running anything. */
  find(task: Task, fingerprint: Fingerprint): Promise<KeptResult | undefined>;
  explain(task: Task, fingerprint: Fingerprint): Promise<MissReason>;
  /** Waits for another run of the same key. `force`: a kept result is not used. `onWait` is called when it waits. */
  claim(
    task: Task,
    fingerprint: Fingerprint,
    options: { readonly force: boolean; readonly signal: AbortSignal; onWait?(pid: number): void },
  ): Promise<Claim>;
  /** What it has open is closed; old results are removed if there is too much. */
  close(): Promise<void>;
}
