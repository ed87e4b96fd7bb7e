/** What a run of tasks is asked, and how it tells what happens. */
import type { Exit } from '../../core/process/exit.ts';
import type { SignalName } from '../../core/process/signals.ts';
import type { TaskOutcome } from '../../core/task/events.ts';
import type { TaskGraph } from '../../core/task/graph.ts';
import type { MissReason } from '../../core/task/key.ts';
import type { CleanText } from '../../output/prefixer.ts';
import type { PrefixOf } from '../../output/prefix.ts';
import type { OutputStream } from '../../ports/pool.ts';
import type { TaskOutputMode } from './outputs.ts';

export interface TasksRequest {
  readonly graph: TaskGraph;
  /** Commands at once. */
  readonly slots: number;
  readonly continues: boolean;
  readonly caps: ReadonlyMap<string, number>;
  /** Kept results are not used. */
  readonly force: boolean;
  readonly explains: boolean;
  /** They have succeeded in an earlier run, which nothing concerns that has changed since. */
  readonly isDone?: (task: number) => boolean;
  /** Keys of tasks by their names, also of earlier runs. */
  readonly keys?: Map<string, string>;
  readonly argsOf: (task: number) => readonly string[];
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly output: {
    readonly mode: TaskOutputMode;
    readonly to: OutputStream;
    readonly prefixOf: PrefixOf;
    readonly clean: CleanText;
  };
  readonly notes: TaskNotes;
  onReason?(task: number, reason: MissReason): void;
}

/** The words of what is told among the output of a task. */
export interface TaskNotes {
  cached(savedMs: number): string;
  joined(status: number): string;
  reason(reason: MissReason): string;
  /** Globs that match no file. */
  unmatched(task: number, key: 'inputs' | 'outputs', globs: readonly string[]): string;
  retried(task: number, status: number, attempt: number): string;
  /** Undefined: nothing is to be said. */
  finished(task: number, outcome: TaskOutcome): string | undefined;
  stopping(running: number, signal: SignalName): string;
}

/** A program that has our stdin, stdout and stderr. */
export interface InteractiveRun {
  readonly ended: Promise<Exit>;
  signal(name: SignalName): void;
}

export type RunInteractive = (task: number, runTag: string) => InteractiveRun;
