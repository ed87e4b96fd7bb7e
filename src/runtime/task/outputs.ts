/**
 * Where the output of tasks goes: line by line with the name before each line, in one piece when a task has ended, or as it is.
 * With names all of it goes to one place, so that it can be read in its order; as it is, stdout and stderr stay apart.
 */
import type { Clock } from '../../ports/clock.ts';
import type { Sink } from '../../ports/output.ts';
import type { OutputStream, Spill } from '../../ports/pool.ts';
import { createOutputStore } from '../../output/kept-output.ts';
import { createOutlet, type Outlet } from '../../output/outlet.ts';
import { createJobPrinter } from '../../output/print-jobs.ts';
import type { Label, PrefixOf } from '../../output/prefix.ts';
import { READ_BYTES, READ_START, type CleanText, type Prefixer } from '../../output/prefixer.ts';
import { createTaskLines, type TaskLines } from './task-lines.ts';

/** `errors`: in one piece, and only of tasks that have failed. `raw`: of a single task. */
export type TaskOutputMode = 'raw' | 'prefixed' | 'grouped' | 'errors';

/** Of one task. */
export interface TaskSink {
  /** `byteCount` new bytes are where pipes are read to. */
  take(stream: OutputStream, byteCount: number): void;
  /** Bytes from elsewhere, such as recorded ones. */
  write(stream: OutputStream, bytes: Uint8Array): void;
  /** An attempt has ended: an unfinished line gets its end. */
  endAttempt(): void;
  /** One line of ours about the task, among its output. */
  note(text: string): void;
  /** Nothing more comes. */
  close(hasFailed: boolean): void;
}

export interface TaskOutputs {
  open(label: Label): TaskSink;
  /** Resolves when everything is printed, or never can be. */
  idle(): Promise<void>;
  /** Prints nothing more. */
  abandon(): void;
  close(): void;
}

export interface TaskOutputsOptions {
  readonly mode: TaskOutputMode;
  readonly sinks: Readonly<Record<OutputStream, Sink>>;
  /** Where lines with names go. */
  readonly to: OutputStream;
  readonly prefixer: Prefixer;
  readonly prefixOf: PrefixOf;
  readonly clean: CleanText;
  readonly clock: Clock;
  readonly spill: Spill;
  /** Tells what concerns a task whose output is printed as it is. */
  readonly tell: (text: string) => void;
  readonly events: {
    /** While it is full, the output of tasks is not read. */
    readonly full: (isFull: boolean) => void;
    /** Whoever read our output has gone. */
    readonly gone: () => void;
    readonly stuck: (reason: string) => void;
    /** Output is lost. */
    readonly lost: (error: unknown) => void;
  };
}

/** Tasks whose output waits for a slow reader. */
const MOST_WAITING = 64;

export function createTaskOutputs(options: TaskOutputsOptions): TaskOutputs {
  const { mode, sinks, to, prefixer, prefixOf, clean, clock, spill, tell, events } = options;
  const { workspace } = prefixer;
  let isFull = false;
  let onIdle = (): void => undefined;

  const isBlocked = (): boolean => outlets.stdout.isBlocked || outlets.stderr.isBlocked;
  const look = (): void => {
    const streams = mode === 'raw' || mode === 'prefixed';
    const nowFull = (streams && isBlocked()) || printer.waiting > MOST_WAITING;
    if (nowFull !== isFull) events.full((isFull = nowFull));
    if (isIdle()) onIdle();
  };
  const freed = (): void => {
    printer.goOn();
    look();
  };
  const outletOf = (stream: OutputStream): Outlet =>
    createOutlet(sinks[stream], {
      ...{ blocked: () => look(), full: () => undefined, freed, stuck: events.stuck },
      gone() {
        if (mode === 'raw' ? stream === 'stdout' : stream === to) events.gone();
        freed();
      },
    });
  const outlets = { stdout: outletOf('stdout'), stderr: outletOf('stderr') };
  const store = createOutputStore({ spill, failed: events.lost });
  const outlet = outlets[to];
  const printer = createJobPrinter({
    ...{ store, spill, prefixer, clock, printed: look, failed: events.lost },
    outlets: { stdout: outlet, stderr: outlet },
  });
  const isIdle = (): boolean => printer.waiting === 0 && !isBlocked();
  const looks = { prefixer, prefixOf, clean, clock };
  const lines = createTaskLines({ ...looks, outlet, showsUnfinished: true });

  const openRaw = (): TaskSink => ({
    take: (stream, byteCount) => outlets[stream].emit(workspace.subarray(READ_START, READ_START + byteCount)),
    write: (stream, bytes) => outlets[stream].emit(bytes),
    endAttempt: () => undefined,
    note: tell,
    close: () => undefined,
  });

  const sinkOf = (
    { take, finish, say }: ReturnType<TaskLines['open']>,
    close: TaskSink['close'],
  ): TaskSink => ({
    take,
    write(stream, bytes) {
      for (let from = 0; from < bytes.length; from += READ_BYTES) {
        const piece = bytes.subarray(from, from + READ_BYTES);
        workspace.set(piece, READ_START);
        take(stream, piece.length);
      }
    },
    endAttempt: finish,
    note: say,
    close(hasFailed) {
      finish();
      close(hasFailed);
    },
  });

  const openGrouped = (label: Label): TaskSink => {
    const kept = store.open();
    const outlet = { ...NEVER_FULL, emit: (bytes: Uint8Array) => kept.add('stdout', bytes) };
    const own = createTaskLines({ ...looks, outlet, showsUnfinished: false });
    return sinkOf(own.open(label), (hasFailed) => {
      own.close();
      if (mode === 'errors' && !hasFailed) return kept.discard();
      printer.print(kept, null);
      look();
    });
  };

  return {
    open: (label) =>
      mode === 'raw'
        ? openRaw()
        : mode === 'prefixed'
          ? sinkOf(lines.open(label), () => undefined)
          : openGrouped(label),
    idle: () =>
      new Promise((resolve) => {
        onIdle = resolve;
        if (isIdle()) resolve();
      }),
    abandon() {
      outlets.stdout.discard();
      outlets.stderr.discard();
      freed();
    },
    close() {
      lines.close();
      outlets.stdout.close();
      outlets.stderr.close();
      spill.close();
    },
  };
}

const NEVER_FULL = { isBlocked: false, isDiscarding: false, discard: () => undefined, close: () => 0 };
