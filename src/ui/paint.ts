import type { ProblemPaint } from './problem-text.ts';

/** How text is coloured: that of problems, and the processes, which are told apart by their colours. */
export interface Theme extends ProblemPaint {
  /** The colour of the process at `index` of the Procfile; they repeat after a while. */
  process(index: number): (text: string) => string;
  /** The colour of our own lines among those of the processes. */
  system(text: string): string;
}

const unchanged = (text: string): string => text;

/** For output that is not coloured: costs no loading of anything. */
export const plainTheme: Theme = {
  error: unchanged,
  warning: unchanged,
  dim: unchanged,
  bold: unchanged,
  system: unchanged,
  process: () => unchanged,
};
