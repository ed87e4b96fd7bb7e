/** What is wrong with the user's input is a value: collected, sorted and printed all at once, never thrown. */

export type Severity = 'error' | 'warning';

/** A place in a text file of the user's. `line` and `column` count from 1, `column` and `length` in UTF-16 units. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** The whole line, without its line end: what the caret is drawn under. */
  readonly text: string;
}

export interface Problem {
  /** Stable and greppable: `procfile-duplicate-name`. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence without a full stop, the user's own words quoted: `two lines are named 'web'`. */
  readonly message: string;
  readonly place?: Place;
  /** What to do about it, in one sentence. */
  readonly remedy?: string;
}

/** A result that can be wrong in many ways at once: the value is there only if no problem is an error. */
export interface Checked<T> {
  readonly value: T | undefined;
  readonly problems: readonly Problem[];
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}
