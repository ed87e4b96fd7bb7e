/** Where the output of the jobs of a pool goes: grouped, line by line, or nowhere, because the jobs have our own stdout. */
import type { JobOutput, OutputMode } from '../../core/pool/job.ts';
import { createLineJobs } from '../../output/line-jobs.ts';
import { createOutputStore, type KeptOutput } from '../../output/kept-output.ts';
import { createOutlet, type Outlet } from '../../output/outlet.ts';
import { createJobPrinter } from '../../output/print-jobs.ts';
import { READ_START, type Prefixer } from '../../output/prefixer.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Sink } from '../../ports/output.ts';
import type { OutputStream, Spill } from '../../ports/pool.ts';

/** Of one job. Without getters: see `output/kept-output.ts`. */
export interface JobSink {
  /** Of stdout, so far. */
  readonly receivedBytes: number;
  /** `byteCount` new bytes are where pipes are read to. */
  data(stream: OutputStream, byteCount: number): void;
  /** The job has ended. */
  ended(): void;
  /** Grouped output: what it has written so far. */
  readonly written: JobOutput;
  /** The turn of its output has come. Grouped output: `instead` is printed in its place. */
  deliver(instead?: Iterable<Uint8Array>): void;
  /** What is not printed yet is not wanted. */
  discard(): void;
}

export interface PoolOutputs {
  open(label: string | null): JobSink;
  /** Resolves when everything that was delivered is printed, or never can be. */
  idle(): Promise<void>;
  /** Prints nothing more. */
  abandon(): void;
  close(): void;
}

export interface PoolOutputsOptions {
  readonly mode: OutputMode;
  readonly slots: number;
  readonly sinks: Readonly<Record<OutputStream, Sink>>;
  readonly prefixer: Prefixer;
  readonly clock: Clock;
  readonly spill: Spill;
  readonly events: {
    /** While it is full, jobs are not read and none are started. */
    readonly full: (isFull: boolean) => void;
    /** Whoever read our stdout has gone, or it can never be written again. */
    readonly gone: () => void;
    readonly stuck: (reason: string) => void;
    /** Output is lost. */
    readonly lost: (error: unknown) => void;
  };
}

/** Results that wait for a slow reader, in multiples of the slots. */
const WAITING_PER_SLOT = 4;
const WAITING_AT_LEAST = 16;

export function createPoolOutputs(options: PoolOutputsOptions): PoolOutputs {
  const { mode, slots, sinks, prefixer, clock, spill, events } = options;
  const { workspace } = prefixer;
  const mostWaiting = Math.max(WAITING_AT_LEAST, WAITING_PER_SLOT * slots);
  let isFull = false;
  let onIdle = (): void => undefined;

  const look = (): void => {
    const isBlocked = mode === 'line-buffered' && (outlets.stdout.isBlocked || outlets.stderr.isBlocked);
    const nowFull = isBlocked || printer.waiting > mostWaiting;
    if (nowFull !== isFull) events.full((isFull = nowFull));
    if (isIdle()) onIdle();
  };
  const freed = (): void => {
    printer.goOn();
    look();
  };
  const outletOf = (stream: OutputStream): Outlet => {
    const outlet: Outlet = createOutlet(sinks[stream], {
      ...{ blocked: () => look(), full: () => undefined, freed, stuck: events.stuck },
      gone: () => {
        if (stream === 'stdout') events.gone();
        freed();
      },
    });
    return outlet;
  };
  const outlets = { stdout: outletOf('stdout'), stderr: outletOf('stderr') };
  const store = createOutputStore({ spill, failed: events.lost });
  const printer = createJobPrinter({
    ...{ store, spill, prefixer, clock, outlets, printed: look, failed: events.lost },
  });
  const lines = createLineJobs({ prefixer, clock, outlets });
  const isIdle = (): boolean =>
    printer.waiting === 0 && !outlets.stdout.isBlocked && !outlets.stderr.isBlocked;

  const replaced = (kept: KeptOutput, instead: Iterable<Uint8Array>): KeptOutput => {
    const output = store.open();
    try {
      for (const bytes of instead) output.add('stdout', bytes);
    } catch (error) {
      events.lost(error);
    }
    kept.discard();
    return output;
  };

  const openGrouped = (label: string | null): JobSink => {
    const kept = store.open();
    const sink = {
      receivedBytes: 0,
      data(stream: OutputStream, byteCount: number): void {
        kept.add(stream, workspace.subarray(READ_START, READ_START + byteCount));
        sink.receivedBytes = kept.stdoutBytes;
      },
      ended: () => undefined,
      written: kept,
      deliver(instead?: Iterable<Uint8Array>): void {
        printer.print(instead === undefined ? kept : replaced(kept, instead), label);
        look();
      },
      discard: () => kept.discard(),
    };
    return sink;
  };

  const openLines = (label: string | null): JobSink => {
    const output = lines.open(label);
    const sink = {
      receivedBytes: 0,
      data(stream: OutputStream, byteCount: number): void {
        if (stream === 'stdout') sink.receivedBytes += byteCount;
        output.take(stream, byteCount);
      },
      ended: () => output.finish(),
      written: NOTHING_WRITTEN,
      deliver: () => undefined,
      discard: () => undefined,
    };
    return sink;
  };

  const abandon = (): void => {
    outlets.stdout.discard();
    outlets.stderr.discard();
    freed();
  };

  return {
    open: (label) =>
      mode === 'grouped' ? openGrouped(label) : mode === 'line-buffered' ? openLines(label) : NOTHING,
    idle: () =>
      new Promise((resolve) => {
        onIdle = resolve;
        if (isIdle()) resolve();
      }),
    abandon,
    close() {
      lines.close();
      outlets.stdout.close();
      outlets.stderr.close();
      spill.close();
    },
  };
}

const nothing = (): void => undefined;
const NOTHING_WRITTEN: JobOutput = { read: () => [] };
const NOTHING: JobSink = {
  receivedBytes: 0,
  data: nothing,
  ended: nothing,
  written: NOTHING_WRITTEN,
  deliver: nothing,
  discard: nothing,
};
