/** Turns framed lines into output: made safe for a terminal, prefixed, and passed on. */
import type { Clock } from '../ports/clock.ts';
import type { PrintLines } from './framer.ts';
import type { Outlet } from './outlet.ts';
import { createPrefixCache, type Label, type PrefixOf } from './prefix.ts';
import { READ_BYTES, READ_START, type Prefixer } from './prefixer.ts';
import { safeBytes } from '../text/terminal-safe.ts';

/** How output is to look. */
export interface View {
  readonly prefixer: Prefixer;
  /** Without it lines are printed as they are. */
  readonly prefixOf?: PrefixOf | undefined;
}

export interface LinePrinter {
  /** What prints the lines of this source from the workspace. */
  printerFor(label: Label): PrintLines;
  /** What prints text that comes from no pipe, as whole lines. What is over READ_BYTES is cut off. */
  speakerFor(label: Label): (text: string) => void;
}

export interface LinePrinterOptions extends View {
  readonly forTerminal: boolean;
  readonly clock: Clock;
  readonly outlet: Outlet;
}

export function createLinePrinter({
  prefixer,
  prefixOf,
  forTerminal,
  clock,
  outlet,
}: LinePrinterOptions): LinePrinter {
  const { workspace } = prefixer;
  const emit = (block: Uint8Array): void => outlet.emit(block);

  /** In place: what is safe is never longer. Returns the new end. */
  const clean = (start: number, end: number): number => {
    const text = workspace.toString('latin1', start, end);
    const cleaned = safeBytes(text);
    return cleaned === text ? end : start + workspace.write(cleaned, start, 'latin1');
  };

  const printerFor = (label: Label): PrintLines => {
    const prefix = prefixOf && createPrefixCache(label, prefixOf, clock);
    return (start, end, finished) => {
      if (outlet.isDiscarding) return;
      const cleanEnd = forTerminal ? clean(start, end) : end;
      if (prefix === undefined) emit(workspace.subarray(start, cleanEnd));
      else prefixer.insert(start, cleanEnd, prefix(finished), emit);
    };
  };

  return {
    printerFor,
    speakerFor(label) {
      const print = printerFor(label);
      return (text) => {
        const size = workspace.write(text, READ_START, READ_BYTES);
        workspace[READ_START + size] = NEWLINE;
        print(READ_START, READ_START + size + 1, true);
      };
    },
  };
}

const NEWLINE = 10;
