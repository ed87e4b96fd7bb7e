/**
 * Lines without prefixes, of any length, from several sources to one sink.
 *
 * A line that is too long to be held is written in parts without newlines between them. Until its end the others wait:
 * one block of each is kept, and then it is not read. If the end does not come in PATIENCE_MS, the line is broken by
 * a newline, and it makes nobody wait any more. A line whose rest is only late (a prompt, dots) is broken as soon as
 * another has something to write.
 */
import type { Clock } from '../ports/clock.ts';
import type { BlockEnd } from './framer.ts';
import type { Outlet } from './outlet.ts';

const PATIENCE_MS = 1000;
const NEWLINE = 10;
const LINE_END = Uint8Array.of(NEWLINE);

export interface BareWriter {
  /** It has a block that waits for the end of another's line. */
  readonly isHeldUp: boolean;
  /** `block` ends in a newline, and is copied if it has to wait. `isRedrawn`: it takes the place of what was written of its line. */
  write(block: Uint8Array, how: BlockEnd, isRedrawn: boolean): void;
}

export interface BareLines {
  writer(): BareWriter;
  /** Lets those who wait write. */
  hurry(): void;
  /** Returns the number of bytes that were never written. */
  close(): number;
}

interface Writer {
  /** Another's line has broken its own. */
  isBroken: boolean;
  /** Its line has made others wait for long enough. */
  isImpatient: boolean;
  waitingBlocks: number;
}

interface WaitingBlock {
  readonly writer: Writer;
  readonly block: Uint8Array;
  readonly how: BlockEnd;
  readonly isRedrawn: boolean;
}

/** `freed`: those who waited need not do so any more. */
export function createBareLines(outlet: Outlet, clock: Clock, freed: () => void): BareLines {
  const waiting: WaitingBlock[] = [];
  /** Whose line is open on the sink. */
  let owner: Writer | undefined;
  let othersWait = false;
  let cancelPatience: (() => void) | undefined;

  const breakLine = (): void => {
    if (owner === undefined) return;
    owner.isBroken = true;
    owner = undefined;
    outlet.emit(LINE_END);
  };

  const writeNow = ({ writer, block, how, isRedrawn }: WaitingBlock): void => {
    if (owner !== writer || isRedrawn) breakLine();
    // The newline that ends a broken line has been written.
    const from = writer.isBroken && block[0] === NEWLINE ? 1 : 0;
    const to = how === 'newline' ? block.length : block.length - 1;
    writer.isBroken = false;
    if (from < to) outlet.emit(block.subarray(from, to));
    owner = how === 'newline' ? undefined : writer;
    if (how === 'newline') writer.isImpatient = false;
    othersWait = how === 'long' && !writer.isImpatient;
  };

  const isBarred = (writer: Writer): boolean => othersWait && owner !== undefined && owner !== writer;
  const mustWait = (writer: Writer): boolean => writer.waitingBlocks > 0 || isBarred(writer);

  const writeWaiting = (): void => {
    if (waiting.length === 0) return;
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (isBarred(next.writer)) break;
      waiting.shift();
      next.writer.waitingBlocks -= 1;
      writeNow(next);
    }
    cancelPatience?.();
    cancelPatience = undefined;
    if (waiting.length > 0) beImpatientLater();
    // Not from within a write, whose caller is in the middle of something.
    clock.after(0, freed);
  };

  const stopWaiting = (): void => {
    if (owner !== undefined) owner.isImpatient = true;
    othersWait = false;
    writeWaiting();
  };

  const hurry = (): void => {
    while (waiting.length > 0) stopWaiting();
  };

  const beImpatientLater = (): void => {
    cancelPatience ??= clock.after(PATIENCE_MS, () => {
      cancelPatience = undefined;
      stopWaiting();
    });
  };

  return {
    writer() {
      const writer: Writer = { isBroken: false, isImpatient: false, waitingBlocks: 0 };
      return {
        get isHeldUp() {
          return writer.waitingBlocks > 0;
        },
        write(block, how, isRedrawn) {
          if (mustWait(writer)) {
            waiting.push({ writer, block: new Uint8Array(block), how, isRedrawn });
            writer.waitingBlocks += 1;
            beImpatientLater();
            return;
          }
          writeNow({ writer, block, how, isRedrawn });
          if (owner === undefined) writeWaiting();
        },
      };
    },

    hurry,

    close() {
      cancelPatience?.();
      return waiting.reduce((sum, { block }) => sum + block.length, 0);
    },
  };
}
