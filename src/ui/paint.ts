import type { ProblemPaint } from './problem-text.ts';

/** The colors of problems and of processes. */
export interface Theme extends ProblemPaint {
  /** The color of the process at `index` of the Procfile. Colors repeat. */
  process(index: number): (text: string) => string;
  /** The color of procsup's own lines. */
  system(text: string): string;
}

const unchanged = (text: string): string => text;

/** For output without colors; nothing has to be loaded for it. */
export const plainTheme: Theme = {
  error: unchanged,
  warning: unchanged,
  dim: unchanged,
  bold: unchanged,
  system: unchanged,
  process: () => unchanged,
};
