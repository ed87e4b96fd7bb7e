import { VERSION } from '../host/version.ts';
import { LostOutput } from './io.ts';

/** The message for a failure of procsup itself: a bug, or a full disk. */
export function internalErrorText(thrown: unknown): string {
  if (thrown instanceof LostOutput) return `procsup: ${thrown.message}\n`;
  const { message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
  const trace = stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  return [
    `procsup: internal error: ${message}`,
    ...trace,
    `This is a bug in procsup, not in your application. Please report it with the lines above (procsup ${VERSION}, Node ${process.version}, ${process.platform} ${process.arch}) in the issue tracker of procsup.\n`,
  ].join('\n');
}
