/**
 * Prints the output of jobs one job after the other: its stdout as it is or with a label before each line, then its stderr. It
 * goes at the reader's speed: nothing is taken out of the store before the outlet is free.
 */
import type { Clock } from '../ports/clock.ts';
import type { Spill } from '../ports/pool.ts';
import type { OutputStore, KeptOutput, Piece } from './kept-output.ts';
import type { Outlet } from './outlet.ts';
import { prefixFrom, READ_BYTES, READ_START, type Prefix, type Prefixer } from './prefixer.ts';

export interface JobPrinter {
  /** Jobs whose turn has come, and that are not printed to the end. */
  readonly waiting: number;
  /** `label` null: nothing before its lines. */
  print(output: KeptOutput, label: string | null): void;
  /** An outlet is free. */
  goOn(): void;
}

export interface JobPrinterOptions {
  readonly store: OutputStore;
  readonly spill: Spill;
  readonly prefixer: Prefixer;
  readonly clock: Clock;
  readonly outlets: { readonly stdout: Outlet; readonly stderr: Outlet };
  /** A job is printed to the end. */
  readonly printed: () => void;
  /** A temporary file cannot be read. */
  readonly failed: (error: unknown) => void;
}

/** Then others have their turn. */
const BYTES_IN_A_TURN = 2 * 1024 * 1024;
const COMPACT_FROM = 1000;
const NEWLINE = 0x0a;

/** What is left to print of one stream of a job. */
interface Part {
  readonly outlet: Outlet;
  readonly pieces: readonly Piece[];
  readonly prefix: Prefix | null;
  next: number;
  /** Of the next piece. */
  from: number;
  atLineStart: boolean;
  readonly isLast: boolean;
}

export function createJobPrinter(options: JobPrinterOptions): JobPrinter {
  const { store, spill, prefixer, clock, outlets, printed, failed } = options;
  const { workspace } = prefixer;
  const parts: Part[] = [];
  let head = 0;
  let waiting = 0;
  let isAtWork = false;

  /** Copies the next bytes of the part into the workspace; returns how many, 0 at its end. */
  const load = (part: Part): number => {
    for (let piece = part.pieces[part.next]; piece !== undefined; piece = part.pieces[part.next]) {
      const got = loadPiece(piece, part.from);
      if (got > 0) {
        part.from += got;
        return got;
      }
      store.release(piece);
      part.next += 1;
      part.from = 0;
    }
    return 0;
  };

  const loadPiece = (piece: Piece, from: number): number => {
    if (piece instanceof Uint8Array) {
      const bytes = piece.subarray(from, from + READ_BYTES);
      workspace.set(bytes, READ_START);
      return bytes.length;
    }
    try {
      return spill.read(piece, from, workspace.subarray(READ_START, READ_START + READ_BYTES));
    } catch (error) {
      failed(error);
      return 0;
    }
  };

  const emit = (part: Part, byteCount: number): void => {
    const end = READ_START + byteCount;
    const { prefix, outlet } = part;
    if (prefix === null) return outlet.emit(workspace.subarray(READ_START, end));
    let start = READ_START;
    if (!part.atLineStart) {
      const newline = workspace.indexOf(NEWLINE, start);
      const isWithin = newline >= 0 && newline < end;
      const lineEnd = isWithin ? newline + 1 : end;
      outlet.emit(workspace.subarray(start, lineEnd));
      part.atLineStart = isWithin;
      start = lineEnd;
    }
    const linesEnd = start < end ? workspace.lastIndexOf(NEWLINE, end - 1) + 1 : start;
    if (linesEnd > start) {
      prefixer.insert(start, linesEnd, prefix, (block) => outlet.emit(block));
      start = linesEnd;
    }
    if (start >= end) return;
    part.atLineStart = false;
    outlet.emit(prefix.bytes);
    outlet.emit(workspace.subarray(start, end));
  };

  const finish = (part: Part): void => {
    // Else the first line of the next job would have no label.
    if (!part.atLineStart && part.prefix !== null) part.outlet.emit(LINE_END);
    head += 1;
    if (!part.isLast) return;
    if (head === parts.length || head > COMPACT_FROM) {
      parts.splice(0, head);
      head = 0;
    }
    waiting -= 1;
    printed();
  };

  const work = (): void => {
    isAtWork = true;
    let left = BYTES_IN_A_TURN;
    for (let part = parts[head]; part !== undefined; part = parts[head]) {
      if (part.outlet.isBlocked) break;
      const got = load(part);
      if (got > 0) emit(part, got);
      else finish(part);
      left -= got;
      if (left > 0) continue;
      clock.after(0, work);
      return;
    }
    isAtWork = false;
  };

  const goOn = (): void => {
    if (!isAtWork) work();
  };

  return {
    get waiting() {
      return waiting;
    },
    print(output, label) {
      const prefix = label === null ? null : prefixFrom(label);
      const part = (stream: 'stdout' | 'stderr'): Part => ({
        ...{ outlet: outlets[stream], pieces: output.take(stream), prefix },
        ...{ next: 0, from: 0, atLineStart: true, isLast: stream === 'stderr' },
      });
      waiting += 1;
      parts.push(part('stdout'), part('stderr'));
      goOn();
    },
    goOn,
  };
}

const LINE_END = Buffer.from('\n');
