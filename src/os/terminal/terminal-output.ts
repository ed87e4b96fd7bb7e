/**
 * What a program writes to its terminal, on its way to the log and into what is kept for those who attach. Most of it is plain
 * lines, which stay bytes (`core/terminal/plain-lines.ts`); the rest becomes tokens. A plain line that has only begun is held
 * as bytes until it is known how it goes on, or somebody asks what there is.
 */
import { StringDecoder } from 'node:string_decoder';
import { createLogLines, MOST_BLANKS, type PlainResult } from '../../core/terminal/log-lines.ts';
import { answerTo, createModes } from '../../core/terminal/modes.ts';
import { createRecent } from '../../core/terminal/recent.ts';
import { createScanner } from '../../core/terminal/scanner.ts';
import { createByteQueue, type ByteQueue } from './byte-queue.ts';

export interface TerminalOutput {
  /** What is to be logged. */
  readonly logged: ByteQueue;
  /** At most `MOST_BYTES`. Returns what is to be answered. */
  take(bytes: Uint8Array, nowMs: number): string;
  /** As of `LogLines`. */
  readonly holds: boolean;
  readonly isDrawing: boolean;
  /** Both go to `logged`. */
  piece(nowMs: number): void;
  end(nowMs: number): void;
  resize(columns: number): void;
  /** It draws on the alternate screen. */
  readonly isOnScreen: boolean;
  /** Draws on another terminal what is on this one; at most so many lines of it. */
  replay(rows: number, nowMs: number): string;
}

export const MOST_BYTES = 16 * 1024;
const MOST_HELD = 4 * 1024;
const NEWLINE = 10;
/** What is held, and what has come. */
const joined = Buffer.alloc(MOST_HELD + MOST_BYTES);

export function createTerminalOutput(columns: number): TerminalOutput {
  const decoder = new StringDecoder('utf8');
  const scanner = createScanner();
  const modes = createModes();
  const recent = createRecent();
  const lines = createLogLines(columns);
  const logged = createByteQueue();
  const held = Buffer.alloc(MOST_HELD);
  let heldCount = 0;
  /** The decoder has no part of a character. */
  let isWhole = true;
  const plain: PlainResult = { taken: 0, written: 0, isAll: false };

  const takeTokens = (bytes: Buffer, nowMs: number): string => {
    let [answer, text] = ['', ''];
    for (const token of scanner.scan(decoder.write(bytes))) {
      modes.take(token);
      recent.take(token);
      answer += answerTo(token);
      text += lines.take(token, nowMs);
    }
    logged.addText(text);
    isWhole = bytes.length === 0 ? isWhole : (bytes.at(-1) ?? 0) < 0x80;
    return answer;
  };

  /** To be called where no line has begun but the one that `bytes` begins with. */
  const takePlainFirst = (bytes: Buffer, nowMs: number): string => {
    const { target, at } = logged.room(bytes.length + MOST_BLANKS);
    lines.takePlain(bytes, target, at, plain);
    logged.wrote(plain.written);
    const { taken } = plain;
    if (taken > 0) recent.takePlain(taken === bytes.length ? bytes : bytes.subarray(0, taken));
    const restCount = bytes.length - taken;
    if (!plain.isAll || restCount > MOST_HELD) return takeTokens(bytes.subarray(taken), nowMs);
    held.set(bytes.subarray(taken));
    heldCount = restCount;
    return '';
  };

  const isPlainNext = (nowMs: number): boolean => isWhole && scanner.isIdle && lines.isAtStart(nowMs);

  /** From now on it is what it looks like. */
  const release = (nowMs: number): void => {
    const count = heldCount;
    heldCount = 0;
    if (count > 0) takeTokens(held.subarray(0, count), nowMs);
  };

  return {
    logged,
    take(bytes, nowMs) {
      joined.set(held.subarray(0, heldCount));
      joined.set(bytes, heldCount);
      const all = joined.subarray(0, heldCount + bytes.length);
      heldCount = 0;
      if (isPlainNext(nowMs)) return takePlainFirst(all, nowMs);
      // The rest of the line that has begun.
      const next = all.indexOf(NEWLINE) + 1;
      const answer = takeTokens(all.subarray(0, next), nowMs);
      const rest = all.subarray(next);
      return answer + (isPlainNext(nowMs) ? takePlainFirst : takeTokens)(rest, nowMs);
    },
    get holds() {
      return heldCount > 0 || lines.holds;
    },
    get isDrawing() {
      return lines.isDrawing;
    },
    piece(nowMs) {
      release(nowMs);
      logged.addText(lines.piece());
    },
    end(nowMs) {
      release(nowMs);
      logged.addText(lines.end());
    },
    resize: (to) => lines.resize(to),
    get isOnScreen() {
      return modes.isOnScreen;
    },
    replay(rows, nowMs) {
      release(nowMs);
      return (modes.isOnScreen ? '\u001b[?1049h' : '') + recent.text(rows) + modes.replay();
    },
  };
}
