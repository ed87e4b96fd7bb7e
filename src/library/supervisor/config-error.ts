import type { Problem } from '../../core/problem.ts';
import { plainPaint, problemsText } from '../../ui/problem-text.ts';

/** The configuration, or the files that it names, are wrong. Nothing was started. The message has all problems in it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'CONFIG';
  /** Everything that is wrong, with its place in a file where it has one, and warnings beside it. At least one is an error. */
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(`invalid configuration\n${problemsText(problems, plainPaint)}`.trimEnd());
    this.problems = problems;
  }
}
