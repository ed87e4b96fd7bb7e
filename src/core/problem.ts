/** Problems of the user's input are values: they are collected, sorted and printed together, never thrown. */

export type Severity = 'error' | 'warning';

/** A place in a user's text file. `line` and `column` count from 1; `column` and `length` are UTF-16 units. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** The whole line without its line ending: the caret is drawn below it. */
  readonly text: string;
}

export interface Problem {
  /** Stable and searchable: `procfile-duplicate-name`. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence without a full stop; the user's words in quotes: `duplicate process name 'web'`. */
  readonly message: string;
  readonly place?: Place;
  /** What to do about it, in one sentence. */
  readonly remedy?: string;
}

/** A result with any number of problems; the value is undefined if one of them is an error. */
export interface Checked<T> {
  readonly value: T | undefined;
  readonly problems: readonly Problem[];
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}
