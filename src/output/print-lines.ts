/** Turns framed lines into output: cleaned of what must not be printed, prefixed, and passed on. */
import type { Clock } from '../ports/clock.ts';
import { createBareLines } from './bare-lines.ts';
import type { PrintLines } from './framer.ts';
import type { Outlet } from './outlet.ts';
import { createPrefixCache, type Label, type PrefixOf } from './prefix.ts';
import { cleanIn, READ_BYTES, READ_START, type CleanText, type Prefixer } from './prefixer.ts';

/** How output is to look. */
export interface View {
  readonly prefixer: Prefixer;
  /** Without it lines have no prefix, and may be of any length. */
  readonly prefixOf?: PrefixOf | undefined;
  /** Without it bytes are printed as they are. */
  readonly clean?: CleanText | undefined;
}

/** What prints the lines of one source from the workspace. */
export interface SourcePrinter {
  readonly print: PrintLines;
  /** Carriage returns are cleaned away with what they overwrite. */
  readonly redraws: boolean;
  /** Something of it waits for the end of another's line. */
  readonly isHeldUp: boolean;
}

export interface LinePrinter {
  printerFor(label: Label): SourcePrinter;
  /** What prints text that comes from no pipe, as whole lines. What is over READ_BYTES is cut off. */
  speakerFor(label: Label): (text: string) => void;
  /** Nobody waits for the end of a line any more. */
  hurry(): void;
  /** Returns the number of bytes that were never passed on. */
  close(): number;
}

export interface LinePrinterOptions extends View {
  readonly clock: Clock;
  readonly outlet: Outlet;
  /** Those of whom something waited need not do so any more. */
  readonly freed: () => void;
}

export function createLinePrinter(options: LinePrinterOptions): LinePrinter {
  const { prefixer, prefixOf, clean, clock, outlet, freed } = options;
  const { workspace } = prefixer;
  const bare = createBareLines(outlet, clock, freed);
  const emit = (block: Uint8Array): void => outlet.emit(block);
  const redraws = clean !== undefined;

  const prefixing = (label: Label, prefixOf: PrefixOf): SourcePrinter => {
    const prefix = createPrefixCache(label, prefixOf, clock);
    return {
      redraws,
      isHeldUp: false,
      print(start, end, how) {
        if (!outlet.isDiscarding) prefixer.insert(start, end, prefix(how === 'newline'), emit, clean);
      },
    };
  };

  const bareFor = (): SourcePrinter => {
    const writer = bare.writer();
    return {
      redraws,
      get isHeldUp() {
        return writer.isHeldUp;
      },
      print(start, end, how) {
        if (outlet.isDiscarding) return;
        const isRedrawn = redraws && isWithin(workspace.indexOf(CR, start), start, end);
        const cleanEnd = cleanIn(workspace, start, end, clean);
        writer.write(workspace.subarray(start, cleanEnd), how, isRedrawn);
      },
    };
  };

  const printerFor = (label: Label): SourcePrinter =>
    prefixOf === undefined ? bareFor() : prefixing(label, prefixOf);

  return {
    printerFor,
    speakerFor(label) {
      const { print } = printerFor(label);
      return (text) => {
        const size = workspace.write(text, READ_START, READ_BYTES);
        workspace[READ_START + size] = NEWLINE;
        print(READ_START, READ_START + size + 1, 'newline');
      };
    },
    hurry: () => bare.hurry(),
    close: () => bare.close(),
  };
}

const isWithin = (at: number, start: number, end: number): boolean => at >= start && at < end;

const [NEWLINE, CR] = [0x0a, 0x0d];
