/** Whether an instance started in the background; if not, why, with its last lines. */
import { visibleText } from '../text/terminal-safe.ts';

export function startedText(one: {
  readonly name: string;
  readonly pid: number | null;
  readonly isUp: boolean;
  readonly why: string;
  readonly lastLines: readonly string[];
}): string {
  if (one.isUp)
    return one.pid === null ? `${one.name} ${one.why}\n` : `${one.name} started (pid ${String(one.pid)})\n`;
  const lines = one.lastLines.map((line) => `  ${one.name} | ${visibleText(line)}\n`);
  // It lives, or is still to run: it has not failed.
  const state = one.why.startsWith('is ') ? one.why : `failed to start: it ${one.why}`;
  return `procsup: ${one.name} ${state}\n${lines.join('')}`;
}
