/** Prints lines of tasks as they come, with a name before each; a line without its newline after half a second. */
import type { Clock } from '../../ports/clock.ts';
import type { OutputStream } from '../../ports/pool.ts';
import { createLineFramer, type LineFramer } from '../../output/framer.ts';
import type { Outlet } from '../../output/outlet.ts';
import type { Label, PrefixOf } from '../../output/prefix.ts';
import type { CleanText, Prefixer } from '../../output/prefixer.ts';
import { createLinePrinter } from '../../output/print-lines.ts';
import { watchUnfinishedLines, type Listened } from '../../output/unfinished-lines.ts';

export interface TaskLines {
  open(label: Label): {
    /** `byteCount` bytes of the task are where pipes are read to. */
    readonly take: (stream: OutputStream, byteCount: number) => void;
    /** An unfinished line gets the newline that it never had. */
    readonly finish: () => void;
    readonly say: (text: string) => void;
  };
  close(): void;
}

export interface TaskLinesOptions {
  readonly prefixer: Prefixer;
  readonly prefixOf: PrefixOf;
  readonly clean: CleanText;
  readonly clock: Clock;
  readonly outlet: Outlet;
  /** A line is printed in pieces if its end does not come. */
  readonly showsUnfinished: boolean;
}

/** For unfinished long lines of all tasks. */
const ROOM_BYTES = 16 * 1024 * 1024;

export function createTaskLines(options: TaskLinesOptions): TaskLines {
  const { prefixer, prefixOf, clean, clock, outlet, showsUnfinished } = options;
  const room = { freeBytes: ROOM_BYTES };
  const unfinished = showsUnfinished ? watchUnfinishedLines(clock) : undefined;
  const printer = createLinePrinter({
    ...{ prefixer, prefixOf, clean, clock, outlet, freed: () => undefined },
  });

  const openStream = (label: Label) => {
    const { print, redraws } = printer.printerFor(label);
    const framer: LineFramer = createLineFramer(prefixer.workspace, print, { room, redraws });
    let printedThen = 0;
    const held: Listened = {
      heldSinceMs: 0,
      get holds() {
        return framer.holds;
      },
      onDue() {
        if (framer.printed === printedThen) framer.printPiece();
      },
    };
    return {
      take(byteCount: number): void {
        const before = framer.holds ? framer.printed : -1;
        framer.take(byteCount);
        if (!framer.holds || framer.printed === before) return;
        printedThen = framer.printed;
        unfinished?.began(held);
      },
      finish: () => framer.finishLine(),
    };
  };

  return {
    open(label) {
      const streams: Partial<Record<OutputStream, ReturnType<typeof openStream>>> = {};
      let say: ((text: string) => void) | undefined;
      const finish = (): void => {
        streams.stdout?.finish();
        streams.stderr?.finish();
      };
      return {
        take: (stream, byteCount) => (streams[stream] ??= openStream(label)).take(byteCount),
        finish,
        say(text) {
          finish();
          (say ??= printer.speakerFor(label))(text);
        },
      };
    },
    close() {
      unfinished?.stop();
      printer.close();
    },
  };
}
