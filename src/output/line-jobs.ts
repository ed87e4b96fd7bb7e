/** Prints whole lines of jobs as they come, whatever job they are of (`--line-buffer`). */
import type { Clock } from '../ports/clock.ts';
import type { OutputStream } from '../ports/pool.ts';
import { createLineFramer, type LineFramer } from './framer.ts';
import type { Outlet } from './outlet.ts';
import type { Prefixer } from './prefixer.ts';
import { createLinePrinter, type LinePrinter } from './print-lines.ts';

export interface LineOutput {
  /** `byteCount` bytes of the job are in the workspace. */
  take(stream: OutputStream, byteCount: number): void;
  /** The job has ended: an unfinished line gets the newline that it never had. */
  finish(): void;
}

export interface LineJobs {
  open(label: string | null): LineOutput;
  close(): void;
}

export interface LineJobsOptions {
  readonly prefixer: Prefixer;
  readonly clock: Clock;
  readonly outlets: Readonly<Record<OutputStream, Outlet>>;
}

/** For unfinished long lines of all jobs. */
const ROOM_BYTES = 16 * 1024 * 1024;

export function createLineJobs({ prefixer, clock, outlets }: LineJobsOptions): LineJobs {
  const room = { freeBytes: ROOM_BYTES };
  const nothing = (): void => undefined;
  const printerOf = (stream: OutputStream, isLabelled: boolean): LinePrinter =>
    createLinePrinter({
      ...{ prefixer, clock, outlet: outlets[stream], freed: nothing },
      prefixOf: isLabelled ? ({ name }) => name : undefined,
    });
  const pair = (isLabelled: boolean) => ({
    stdout: printerOf('stdout', isLabelled),
    stderr: printerOf('stderr', isLabelled),
  });
  const [labelled, bare] = [pair(true), pair(false)];

  return {
    open(label) {
      const printers = label === null ? bare : labelled;
      const framers: Partial<Record<OutputStream, LineFramer>> = {};
      const framerOf = (stream: OutputStream): LineFramer => {
        const { print, redraws } = printers[stream].printerFor({ name: label ?? '', index: 0 });
        return createLineFramer(prefixer.workspace, print, { room, redraws });
      };
      return {
        take: (stream, byteCount) => (framers[stream] ??= framerOf(stream)).take(byteCount),
        finish() {
          framers.stdout?.finishLine();
          framers.stderr?.finishLine();
        },
      };
    },
    close() {
      for (const printer of [labelled.stdout, labelled.stderr, bare.stdout, bare.stderr]) printer.close();
    },
  };
}
