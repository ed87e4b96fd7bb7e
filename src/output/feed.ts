/** One child's pipe, from its read end to printed lines: reader, framer and prefix, and nothing that outlives them. */
import type { OpenReader, PipeReader } from '../ports.ts';
import { createLineFramer, type LineFramer, type PrintLines } from './line-framer.ts';
import type { Label } from './prefix.ts';
import type { Listened } from './silence.ts';
import type { Paced } from './pacing.ts';

export interface FeedEvents {
  /** The watched pipe brought bytes; they have been printed, or the last line of them is held. */
  wasRead(byteCount: number): void;
  /** A line is held after this read. */
  wasLeftHolding(): void;
  /** Every writer is gone, the last line is printed and the pipe closed. */
  ended(): void;
}

export interface Feed extends Paced, Listened {
  readonly label: Label;
  readonly hasEnded: boolean;
  open(workspace: Buffer, openReader: OpenReader, print: PrintLines): void;
  /** Prints a line that has no newline, as nothing more belongs to it. */
  finishLine(): void;
  close(): void;
}

export function createFeed(fd: number, label: Label, events: FeedEvents): Feed {
  let framer: LineFramer | undefined;
  let reader: PipeReader | undefined;
  let hasEnded = false;

  const take = (byteCount: number): void => {
    framer?.take(byteCount);
    if (framer?.holds === true) events.wasLeftHolding();
  };

  const end = (): void => {
    hasEnded = true;
    framer?.finishLine();
    reader?.close();
    events.ended();
  };

  const feed: Feed = {
    label,
    heardAtMs: 0,

    get hasEnded() {
      return hasEnded;
    },
    get holds() {
      return framer?.holds ?? false;
    },

    open(workspace, openReader, print) {
      framer = createLineFramer(workspace, print);
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

    onSilence() {
      // We may have been the ones who slept: the rest of the line can be in the pipe already.
      if (feed.readOn() === 'empty') framer?.printPiece();
    },
    finishLine: () => framer?.finishLine(),
    close: () => reader?.close(),
  };
  return feed;
}
