/**
 * A line of output that matches, of stdout or stderr, without its control sequences. A line is looked at when it has ended,
 * by a newline or a carriage return, or when nothing has followed for UNFINISHED_MS (a prompt). Only its first MOST_BYTES
 * are, which also bounds the time that a pattern can take.
 */
import { plainLine } from '../../text/terminal-safe.ts';
import type { Answer } from '../../core/check/answer.ts';
import type { Check } from '../../core/check/check.ts';
import type { Clock } from '../../ports/clock.ts';
import type { OutputWatch } from '../../ports/checks.ts';

const [LF, CR] = [0x0a, 0x0d];
const MOST_BYTES = 4096;
const UNFINISHED_MS = 500;

export function askLog(
  { pattern }: Extract<Check, { kind: 'log' }>,
  name: string,
  output: OutputWatch,
  clock: Clock,
  tell: (answer: Answer) => void,
): () => void {
  const expression = new RegExp(pattern);
  let cancel: (() => void) | undefined;
  let isOver = false;
  let hasMatched = false;
  const isStillOpen = (): boolean => !isOver && !hasMatched;
  const lines = createLineCutter((text) => {
    if (hasMatched) return;
    const line = plainLine(text);
    if (!expression.test(line)) return;
    hasMatched = true;
    stopWatching();
    cancel?.();
    // Not now: the bytes are in a workspace that is also used for what is said about this.
    cancel = clock.after(0, () => tell({ is: 'yes', line }));
  });
  const stopWatching = output.watch(name, (bytes) => {
    if (!isStillOpen()) return;
    cancel?.();
    cancel = undefined;
    lines.write(bytes);
    if (isStillOpen() && lines.isUnfinished) cancel = clock.after(UNFINISHED_MS, () => lines.peek());
  });
  const stop = (): void => {
    isOver = true;
    cancel?.();
    stopWatching();
  };
  return stop;
}

/** Cuts bytes into lines, of which it keeps the beginning only. */
function createLineCutter(take: (line: string) => void) {
  const held = Buffer.alloc(MOST_BYTES);
  let heldBytes = 0;
  const hold = (bytes: Uint8Array): void => {
    const some = bytes.subarray(0, MOST_BYTES - heldBytes);
    held.set(some, heldBytes);
    heldBytes += some.length;
  };
  const text = (): string => held.toString('utf8', 0, heldBytes);
  return {
    get isUnfinished() {
      return heldBytes > 0;
    },
    write(bytes: Uint8Array) {
      let start = 0;
      for (let at = 0; at < bytes.length; at += 1) {
        if (bytes[at] !== LF && bytes[at] !== CR) continue;
        hold(bytes.subarray(start, at));
        start = at + 1;
        if (heldBytes > 0) take(text());
        heldBytes = 0;
      }
      hold(bytes.subarray(start));
    },
    peek: () => take(text()),
  };
}
