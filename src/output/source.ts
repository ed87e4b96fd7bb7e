/** One child's pipe, from its read end to printed lines: reader, framer and prefix. */
import type { OpenReader, PipeReader } from '../ports/output.ts';
import { createLineFramer, type HoldRoom, type LineFramer } from './framer.ts';
import type { Label } from './prefix.ts';
import { READ_START } from './prefixer.ts';
import type { SourcePrinter } from './print-lines.ts';
import type { Listened } from './unfinished-lines.ts';
import type { Paced } from './pacing.ts';

/** Receives all bytes as they are read, independent of our output. */
export interface Tap {
  /** Bytes as the program wrote them; valid during the call only. */
  write(bytes: Uint8Array): void;
  /** The program has exited and its output is complete. Its children may write more; then this is called again. */
  endRun(): void;
}

export interface SourceEvents {
  /** The watched pipe brought bytes; they have been printed, or the last line of them is held. */
  wasRead(byteCount: number): void;
  /** After this read a line is held that was not held before, or one that is too long to be shown in parts. */
  beganToHold(): void;
  /** Every writer is gone, the last line is printed and the pipe closed. */
  ended(): void;
}

export interface PipeSource extends Paced, Listened {
  readonly label: Label;
  readonly hasEnded: boolean;
  /** What it brings has to wait for the end of another's line. */
  readonly isHeldUp: boolean;
  open(workspace: Buffer, openReader: OpenReader, printer: SourcePrinter, room: HoldRoom): void;
  /** The program has ended: prints a line that has no newline, as nothing more belongs to it. */
  finishLine(): void;
  close(): void;
}

export function createSource(fd: number, label: Label, events: SourceEvents, tap?: Tap): PipeSource {
  let framer: LineFramer | undefined;
  let reader: PipeReader | undefined;
  let printer: SourcePrinter | undefined;
  let hasEnded = false;
  /** Gives the tap what was just read. */
  let record: ((byteCount: number) => void) | undefined;
  /** The tap does not know yet that the run has ended, or more came since. */
  let tapIsOpen = tap !== undefined;

  const take = (byteCount: number): void => {
    record?.(byteCount);
    if (framer === undefined) return;
    const before = framer.holds ? framer.printed : -1;
    framer.take(byteCount);
    if (framer.holds && (framer.printed !== before || framer.holdsMuch)) events.beganToHold();
  };

  const finishLine = (): void => {
    framer?.finishLine();
    if (tapIsOpen) tap?.endRun();
    tapIsOpen = false;
  };

  const end = (): void => {
    hasEnded = true;
    finishLine();
    reader?.close();
    events.ended();
  };

  const source: PipeSource = {
    label,
    heldSinceMs: 0,

    get hasEnded() {
      return hasEnded;
    },
    get holds() {
      return framer?.holds ?? false;
    },

    get isHeldUp() {
      return printer?.isHeldUp ?? false;
    },

    open(workspace, openReader, opened, room) {
      printer = opened;
      framer = createLineFramer(workspace, opened.print, { room, redraws: opened.redraws });
      if (tap !== undefined) {
        record = (byteCount) => {
          tapIsOpen = true;
          tap.write(workspace.subarray(READ_START, READ_START + byteCount));
        };
      }
      reader = openReader(fd, {
        data(byteCount) {
          take(byteCount);
          events.wasRead(byteCount);
        },
        end,
      });
    },
    pause: () => reader?.pause(),
    resume: () => reader?.resume(),

    readOn() {
      if (hasEnded || reader === undefined) return 'end';
      const got = reader.readNow();
      if (got === 'end') end();
      else if (got !== 'empty') take(got);
      return got;
    },

    onDue() {
      const { printed } = framer ?? {};
      // We may have been suspended ourselves: the rest of the line may already be in the pipe.
      const got = source.readOn();
      if (framer === undefined || !framer.holds || framer.printed !== printed) return;
      if (got === 'empty' || !framer.holdsMuch) framer.printPiece();
    },
    finishLine,
    close: () => reader?.close(),
  };
  return source;
}
