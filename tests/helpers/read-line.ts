import { readCommandLine, type Reading } from '../../src/cli/program.ts';
import { plainTheme } from '../../src/ui/paint.ts';

/** What commander makes of a command line, and everything that is printed on the way. */
export function readLineAloud(words: readonly string[]): {
  reading: Reading;
  stdout: string;
  stderr: string;
} {
  const printed = { stdout: '', stderr: '' };
  const reading = readCommandLine(words, {
    stdout: (text) => void (printed.stdout += text),
    stderr: (text) => void (printed.stderr += text),
    isColoured: () => false,
    columns: 100,
    theme: plainTheme,
  });
  return { reading, ...printed };
}

export const readLine = (words: readonly string[]): Reading => readLineAloud(words).reading;
