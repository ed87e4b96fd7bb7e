/**
 * Merges the output of all children into ours.
 *
 * A pipe is read by the event loop into one shared workspace (os/pipes/reader), framed into whole lines (framer),
 * prefixed as a block (prefixer) and written at once (outlet, sink). All of this happens within one callback and on one
 * thread: lines cannot be mixed, and nothing is queued between the pipe and the sink.
 *
 * - While the sink is busy with a block, each source that is read is paused, with one block kept for it (outlet): the
 *   children wait in their own writes, and each gets its turn. Requests meanwhile (a line of ours, the last output of a
 *   process) are queued in `waiting`, in order.
 * - `finish` is for a process that has exited: all of its output is in the pipe, so it is read to the end at once, before
 *   the caller reports the exit. If another process still holds the pipe, it stays attached.
 * - Children can be started before the output is ready: nothing is read until `open`.
 * - Without prefixes a source also waits for the end of another's line, if that is too long to be held (bare-lines).
 * - Timers, one for all of each kind and none while all are silent: pacing (1 ms), unfinished lines (500 ms).
 */
import type { Clock } from '../ports/clock.ts';
import type { ReadInto, Sink } from '../ports/output.ts';
import { createSource, type PipeSource, type SourceEvents, type Tap } from './source.ts';
import { createOutlet } from './outlet.ts';
import { READ_BYTES, READ_START } from './prefixer.ts';
import { createPacing } from './pacing.ts';
import type { Label } from './prefix.ts';
import { createLinePrinter, type LinePrinter, type View } from './print-lines.ts';
import { watchUnfinishedLines } from './unfinished-lines.ts';

/** Whose lines our own events are. */
export const SYSTEM: Label = { name: 'system', index: -1 };

/** Reads that empty the largest pipe there is, of 1 MiB, and one that finds its end. */
const LAST_READS = 17;
/** What all sources together hold of lines over 64 KiB. */
const HELD_BYTES = 32 * 1024 * 1024;

export interface HubOptions {
  readonly sink: Sink;
  /** Gives the `OpenReader` whose pipes are all read to the start of `buffer`. */
  readonly readInto: ReadInto;
  readonly clock: Clock;
  /** The reader of our output has gone for good; everything is read and dropped from now on. Called once. */
  readonly onGone?: () => void;
  /** Our output cannot be written for now (a full disk); it is tried again. */
  readonly onStuck?: (reason: string) => void;
}

/** One attached process. */
export interface Source {
  /**
   * The process has exited: prints all it has left in its pipe, and an unfinished last line with a newline; then
   * calls `done`, before it returns unless the hub is not open yet or the sink is blocked. `ended` is false when
   * another process still holds the pipe: its output is printed too, under the same name.
   */
  finish(done: (ended: boolean) => void): void;
}

export interface Hub {
  /**
   * Takes over `fd`, the non-blocking read end of a process's output. `tap` gets all that is read, also when nothing is
   * printed any more. `own`: how it is read, if not as the others are.
   */
  attach(fd: number, label: Label, tap?: Tap, own?: ReadInto): Source;
  /** Begins to print, in the order in which things were asked for. */
  open(view: View): void;
  /** Prints a line of our own, after all that was asked for before. */
  say(text: string): void;
  /** Reads and drops everything from now on, so that no child has to wait for us. Cannot be undone. */
  discard(): void;
  /** Reads what is left in all pipes, and calls back when the sink has taken that and all that was asked for before. */
  flush(done: () => void): void;
  /** Closes all pipes and the sink; no callbacks follow. Returns the number of bytes that were read but never taken. */
  close(): number;
}

export function createHub({ sink, readInto, clock, onGone, onStuck }: HubOptions): Hub {
  const sources = new Set<PipeSource>();
  const ownReaders = new WeakMap<PipeSource, ReadInto>();
  const waiting: (() => void)[] = [];
  /** Paused until the sink has taken what they brought. */
  const held = new Set<PipeSource>();
  const pacing = createPacing<PipeSource>(clock, (source) => mustWait(source) && hold(source));
  const unfinished = watchUnfinishedLines(clock);
  const room = { freeBytes: HELD_BYTES };
  let opened: Opened | undefined;

  const outlet = createOutlet(sink, {
    blocked: () => unfinished.stop(),
    full() {
      pacing.stop();
      for (const source of sources) hold(source);
    },
    freed() {
      pacing.start();
      unfinished.start();
      carryOn();
    },
    gone: () => onGone?.(),
    stuck: (reason) => onStuck?.(reason),
  });

  const hold = (source: PipeSource): true => {
    source.pause();
    held.add(source);
    return true;
  };

  const mustWait = (source: PipeSource): boolean => outlet.isBlocked || source.isHeldUp;

  const isFree = (): boolean => opened !== undefined && !outlet.isBlocked;

  const whenFree = (action: () => void): void => {
    if (isFree()) action();
    else waiting.push(action);
  };

  const carryOn = (): void => {
    while (isFree()) {
      const next = waiting.shift();
      if (next === undefined) {
        resumeHeld();
        return;
      }
      next();
    }
  };

  const resumeHeld = (): void => {
    for (const source of held) {
      if (mustWait(source)) continue;
      held.delete(source);
      source.resume();
    }
  };

  const printLastWords = (
    source: PipeSource,
    done: (ended: boolean) => void,
    readsLeft = LAST_READS,
  ): void => {
    let left = readsLeft;
    let got: ReturnType<PipeSource['readOn']> = 'empty';
    while (isFree() && left > 0) {
      got = source.readOn();
      if (typeof got !== 'number') break;
      left -= 1;
    }
    if (typeof got === 'number' && left > 0) {
      waiting.unshift(() => printLastWords(source, done, left));
      return;
    }
    source.finishLine();
    done(source.hasEnded);
  };

  return {
    attach(fd, label, tap, own) {
      const events: SourceEvents = {
        wasRead: (byteCount) => (mustWait(source) ? hold(source) : pacing.read(source, byteCount)),
        beganToHold: () => unfinished.began(source),
        ended() {
          sources.delete(source);
          held.delete(source);
        },
      };
      const source = createSource(fd, label, events, tap);
      sources.add(source);
      if (own !== undefined) ownReaders.set(source, own);
      opened?.read(source);
      if (outlet.isBlocked) hold(source);
      return { finish: (done) => whenFree(() => printLastWords(source, done)) };
    },

    open(view) {
      const { workspace } = view.prefixer;
      const printer = createLinePrinter({ ...view, clock, outlet, freed: resumeHeld });
      const place = workspace.subarray(READ_START, READ_START + READ_BYTES);
      const readPipe = readInto(place);
      opened = {
        read: (source) =>
          source.open(
            workspace,
            ownReaders.get(source)?.(place) ?? readPipe,
            printer.printerFor(source.label),
            room,
          ),
        say: printer.speakerFor(SYSTEM),
        printer,
      };
      for (const source of sources) opened.read(source);
      carryOn();
    },

    say: (text) => whenFree(() => opened?.say(text)),
    discard: () => outlet.discard(),
    flush: (done) =>
      whenFree(() => {
        for (const source of [...sources]) printLastWords(source, () => undefined);
        opened?.printer.hurry();
        whenFree(done);
      }),

    close() {
      pacing.stop();
      unfinished.stop();
      waiting.length = 0;
      for (const source of sources) source.close();
      sources.clear();
      return outlet.close() + (opened?.printer.close() ?? 0);
    },
  };
}

/** What there is once it is known how output is to look. */
interface Opened {
  readonly read: (source: PipeSource) => void;
  readonly say: (text: string) => void;
  readonly printer: LinePrinter;
}
