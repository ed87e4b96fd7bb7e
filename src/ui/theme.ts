import { Chalk } from 'chalk';
import { plainTheme, type Theme } from './paint.ts';

// The sixteen colours are the ones that the user's terminal theme makes readable on its background. Bright ones
// fade on a light background, so the second round is bold instead; red is left to errors.
const HUES = ['cyan', 'yellow', 'green', 'magenta', 'blue'] as const;

/** Colors for a terminal, or none: the caller decides, never chalk. */
export function createTheme(enabled: boolean): Theme {
  if (!enabled) return plainTheme;
  const chalk = new Chalk({ level: 1 });
  const palette = [...HUES.map((hue) => chalk[hue]), ...HUES.map((hue) => chalk.bold[hue])];
  return {
    error: chalk.red,
    warning: chalk.yellow,
    dim: chalk.dim,
    bold: chalk.bold,
    system: chalk.dim,
    process: (index) => palette[index % palette.length] ?? chalk.reset,
  };
}
