import { VERSION } from '../host/version.ts';
import { LostOutput } from './io.ts';

/** What is printed when procsup itself failed: its own fault, or a disk that is full. */
export function internalErrorText(thrown: unknown): string {
  if (thrown instanceof LostOutput) return `procsup: ${thrown.message}\n`;
  const { message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
  const trace = stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  return [
    `procsup: internal error: ${message}`,
    ...trace,
    `This is a defect of procsup, not of your application. Please report it with the lines above (procsup ${VERSION}, Node ${process.version}, ${process.platform} ${process.arch}) in the issue tracker of procsup.\n`,
  ].join('\n');
}
