/** Whether an instance started in the background; if not, why, with its last lines. */
import { visibleText } from '../text/terminal-safe.ts';

export function startedText(one: {
  readonly name: string;
  readonly pid: number | null;
  readonly isUp: boolean;
  readonly why: string;
  readonly attempts?: number;
  readonly lastLines: readonly string[];
}): string {
  if (one.isUp)
    return one.pid === null ? `${one.name} ${one.why}\n` : `${one.name} started (pid ${String(one.pid)})\n`;
  const lines = one.lastLines.map((line) => `  ${one.name} | ${visibleText(line)}\n`);
  // It lives, or is still to run: it has not failed.
  const times = one.attempts === undefined ? '' : ` after ${String(one.attempts)} attempts`;
  const state = one.why.startsWith('is ') ? one.why : `failed to start${times}: it ${one.why}`;
  return `procsup: ${one.name} ${state}\n${lines.join('')}`;
}
