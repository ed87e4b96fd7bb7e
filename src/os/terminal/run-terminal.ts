/**
 * The terminal of one run. What the program writes is read once, and goes three ways: as lines to the log, as bytes to
 * those who are attached, and into what is kept for those who will be. While nobody types it answers where the cursor is,
 * without which some programs wait for ever.
 */
import { StringDecoder } from 'node:string_decoder';
import { createLogLines } from '../../core/terminal/log-lines.ts';
import { answerTo, createModes } from '../../core/terminal/modes.ts';
import { createRecent } from '../../core/terminal/recent.ts';
import { createScanner } from '../../core/terminal/scanner.ts';
import type { PipeReader, PipeReaderEvents } from '../../ports/output.ts';
import type { RunTerminal } from '../../ports/terminals.ts';
import { systemClock } from '../clock.ts';
import { readInto } from '../pipes/reader.ts';
import type { LineMode, Pty, TerminalSize } from './pty.ts';
import { createViewers, type TerminalView } from './viewers.ts';

export interface LiveTerminal extends RunTerminal {
  lineMode(): LineMode;
  /** It draws on the alternate screen. */
  readonly isOnScreen: boolean;
  /** `wake` is called when there is something to take, or the terminal has ended. */
  view(size: TerminalSize, wake: () => void): TerminalView;
  /** Of the terminal of whoever types. */
  resize(size: TerminalSize): void;
}

/** Wide, for a log; the rows decide when a pager waits. Programs take 0 by 0 amiss. */
export const USUAL_SIZE: TerminalSize = { rows: 40, columns: 120 };
/** After so long a silence an unfinished line may be a prompt. */
const SILENCE_MS = 200;
/** A read of a terminal yields 4 KiB at most. */
const buffer = Buffer.alloc(16 * 1024);
/** Reads until a last look at a terminal is taken for a look at a flood. */
const MOST_READS = 512;

export function createRunTerminal(pty: Pty, onDrawing: () => void): LiveTerminal {
  const decoder = new StringDecoder('utf8');
  const scanner = createScanner();
  const modes = createModes();
  const recent = createRecent();
  const lines = createLogLines(USUAL_SIZE.columns);
  const viewers = createViewers({
    resize(size) {
      pty.resize(size);
      lines.resize(size.columns);
    },
    usualSize: USUAL_SIZE,
    replay: ({ rows }) => (modes.isOnScreen ? '\u001b[?1049h' : '') + recent.text(rows) + modes.replay(),
  });
  let wasDrawing = false;
  let hasLetGo = false;

  /** Returns what of it is to be logged. */
  const take = (bytes: Buffer): string => {
    const nowMs = systemClock.now();
    let logged = '';
    let answer = '';
    for (const token of scanner.scan(decoder.write(bytes))) {
      modes.take(token);
      recent.take(token);
      answer += answerTo(token);
      logged += lines.take(token, nowMs);
    }
    viewers.push(bytes);
    // In canonical mode it would be a line of input. Who types has a terminal that answers.
    if (answer !== '' && !viewers.isTyped && !pty.lineMode().isCanonical) pty.write(Buffer.from(answer));
    if (lines.isDrawing && !wasDrawing) setImmediate(onDrawing);
    wasDrawing ||= lines.isDrawing;
    return logged;
  };

  return {
    path: pty.path,
    fd: pty.master,
    lineMode: () => pty.lineMode(),
    get isOnScreen() {
      return modes.isOnScreen;
    },
    view: (size, wake) => viewers.add(size, wake),
    resize: (size) => viewers.resize(size),
    input: { write: (bytes) => pty.write(bytes), close: () => undefined },
    letGo() {
      hasLetGo = true;
      pty.letGo();
    },
    discard: () => pty.discard(),
    readInto: (place) => (fd, events) =>
      readLines(fd, events, {
        ...{ place, take, lines },
        hasEnded: () => hasLetGo,
        closed() {
          pty.letGo();
          pty.closed();
          viewers.end();
        },
      }),
  };
}

interface Lines {
  readonly place: Uint8Array;
  readonly take: (bytes: Buffer) => string;
  readonly lines: ReturnType<typeof createLogLines>;
  /** No line goes on. */
  readonly hasEnded: () => boolean;
  readonly closed: () => void;
}

/** Reads bytes of the terminal, and gives lines of the log to whoever reads `place`. */
function readLines(
  fd: number,
  events: PipeReaderEvents,
  { place, take, lines, hasEnded, closed }: Lines,
): PipeReader {
  /** Not given yet. */
  let ready: Buffer = Buffer.alloc(0);
  let isPaused = false;
  let heardAtMs = 0;
  let cancelTimer: (() => void) | undefined;

  const add = (text: string): void => {
    if (text === '') return;
    const fresh = Buffer.from(text);
    ready = ready.length === 0 ? fresh : Buffer.concat([ready, fresh]);
  };
  const give = (): number => {
    const part = ready.subarray(0, place.length);
    place.set(part);
    ready = ready.subarray(part.length);
    return part.length;
  };
  const giveAll = (): void => {
    while (ready.length > 0) events.data(give());
  };

  const listen = (): void => {
    heardAtMs = systemClock.now();
    if (lines.holds) cancelTimer ??= systemClock.after(SILENCE_MS, onSilence);
  };
  const onSilence = (): void => {
    cancelTimer = undefined;
    if (isPaused || !lines.holds) return;
    const leftMs = heardAtMs + SILENCE_MS - systemClock.now();
    if (leftMs > 0) {
      cancelTimer = systemClock.after(leftMs, onSilence);
      return;
    }
    add(lines.piece());
    giveAll();
  };

  const inner = readInto(buffer)(fd, {
    data(byteCount) {
      add(take(buffer.subarray(0, byteCount)));
      listen();
      giveAll();
    },
    end() {
      add(lines.end());
      giveAll();
      events.end();
    },
  });

  return {
    pause() {
      isPaused = true;
      inner.pause();
    },
    resume() {
      isPaused = false;
      listen();
      inner.resume();
    },
    readNow() {
      for (let reads = 0; ready.length < place.length && reads < MOST_READS; reads += 1) {
        const got = inner.readNow();
        if (typeof got === 'number') {
          add(take(buffer.subarray(0, got)));
          continue;
        }
        if (got === 'end' || hasEnded()) add(lines.end());
        return ready.length > 0 ? give() : got;
      }
      return give() || 'empty';
    },
    close() {
      cancelTimer?.();
      inner.close();
      closed();
    },
  };
}
