/**
 * The terminal of one run. What the program writes is read once, and goes three ways: as lines to the log, as bytes to
 * those who are attached, and into what is kept for those who will be. While nobody types it answers where the cursor is,
 * without which some programs wait for ever.
 */
import type { PipeReader, PipeReaderEvents } from '../../ports/output.ts';
import type { RunTerminal } from '../../ports/terminals.ts';
import { systemClock } from '../clock.ts';
import { readInto } from '../pipes/reader.ts';
import type { LineMode, Pty, TerminalSize } from './pty.ts';
import { createTerminalOutput, MOST_BYTES, type TerminalOutput } from './terminal-output.ts';
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
const buffer = Buffer.alloc(MOST_BYTES);
/** Reads until a last look at a terminal is taken for a look at a flood. */
const MOST_READS = 512;

export function createRunTerminal(pty: Pty, onDrawing: () => void): LiveTerminal {
  const output = createTerminalOutput(USUAL_SIZE.columns);
  const viewers = createViewers({
    resize(size) {
      pty.resize(size);
      output.resize(size.columns);
    },
    usualSize: USUAL_SIZE,
    replay: ({ rows }) => output.replay(rows, systemClock.now()),
  });
  let wasDrawing = false;
  let hasLetGo = false;

  const take = (bytes: Buffer): void => {
    const answer = output.take(bytes, systemClock.now());
    viewers.push(bytes);
    // In canonical mode it would be a line of input. Who types has a terminal that answers.
    if (answer !== '' && !viewers.isTyped && !pty.lineMode().isCanonical) pty.write(Buffer.from(answer));
    if (output.isDrawing && !wasDrawing) setImmediate(onDrawing);
    wasDrawing ||= output.isDrawing;
  };

  return {
    path: pty.path,
    fd: pty.master,
    lineMode: () => pty.lineMode(),
    get isOnScreen() {
      return output.isOnScreen;
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
        ...{ place, take, output },
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
  readonly take: (bytes: Buffer) => void;
  readonly output: TerminalOutput;
  /** No line goes on. */
  readonly hasEnded: () => boolean;
  readonly closed: () => void;
}

/** Reads bytes of the terminal, and gives lines of the log to whoever reads `place`. */
function readLines(
  fd: number,
  events: PipeReaderEvents,
  { place, take, output, hasEnded, closed }: Lines,
): PipeReader {
  /** What is not given yet. */
  const ready = output.logged;
  let isPaused = false;
  let heardAtMs = 0;
  let cancelTimer: (() => void) | undefined;

  const giveAll = (): void => {
    while (ready.length > 0) events.data(ready.give(place));
  };

  const listen = (): void => {
    heardAtMs = systemClock.now();
    if (output.holds) cancelTimer ??= systemClock.after(SILENCE_MS, onSilence);
  };
  const onSilence = (): void => {
    cancelTimer = undefined;
    if (isPaused || !output.holds) return;
    const leftMs = heardAtMs + SILENCE_MS - systemClock.now();
    if (leftMs > 0) {
      cancelTimer = systemClock.after(leftMs, onSilence);
      return;
    }
    output.piece(systemClock.now());
    giveAll();
  };

  const inner = readInto(buffer)(fd, {
    data(byteCount) {
      take(buffer.subarray(0, byteCount));
      listen();
      giveAll();
    },
    end() {
      output.end(systemClock.now());
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
          take(buffer.subarray(0, got));
          continue;
        }
        if (got === 'end' || hasEnded()) output.end(systemClock.now());
        return ready.length > 0 ? ready.give(place) : got;
      }
      return ready.give(place) || 'empty';
    },
    close() {
      cancelTimer?.();
      inner.close();
      closed();
    },
  };
}
