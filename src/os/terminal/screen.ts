/**
 * Full-screen use of the terminal, restored on every way out.
 *
 * Frames go through a sink that never blocks: while the terminal takes no more (a slow line, a stopped tmux) only the
 * newest frame is kept. What gives the terminal back is written past the sink, synchronously, as there may be no later:
 * from `close`, from `exit`, before an exception is printed, before a signal ends or stops us. A CAN before it ends
 * whatever sequence a frame was cut in.
 *
 * A stop (Ctrl-Z, SIGTSTP) is our own: the terminal is given back, then the signal is raised again with its default
 * effect. It is SIGTSTP and not SIGSTOP because the kernel does not stop a process that no shell could continue. Then
 * there is no SIGCONT either, and a timer redraws the screen. The timer cannot run while we are stopped.
 *
 * While the terminal is lent, its input and its mode are the borrower's. Frames wait, from before it is taken on: the
 * rest of one that is on its way must not come between.
 */
import { StringDecoder } from 'node:string_decoder';
import { parseKeys } from '../../core/key-codes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Sink } from '../../ports/output.ts';
import { systemClock } from '../clock.ts';
import { canPass, writeWhatGoes } from './sink.ts';
import { openSink } from './stdout.ts';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export interface Screen {
  readonly size: ScreenSize;
  /** Shows `lines`, one for each row. Returns at once; a newer frame replaces one that is not shown yet. */
  draw(lines: readonly string[]): void;
  /** Calls back for each key, named as by `parseKeys`. Ctrl-Z is dealt with here. */
  onKey(listener: (key: string) => void): void;
  /** The size has changed, or all has to be drawn anew. */
  onResize(listener: (size: ScreenSize) => void): void;
  /** The terminal is gone: hung up. Nothing more is to be shown. Called at most once. */
  onGone(listener: () => void): void;
  /**
   * Lends the terminal to `use`, which calls `take` before it reads or writes; afterwards all is drawn anew. Keys are
   * not read meanwhile.
   */
  lend<Result>(use: (take: () => void) => Promise<Result>): Promise<Result>;
  /** Gives the terminal back. Idempotent. */
  close(): void;
}

/** `process.stdin`. */
export interface ScreenInput {
  setRawMode(isRaw: boolean): unknown;
  on(event: 'data', listener: (bytes: Uint8Array) => void): unknown;
  on(event: 'end' | 'error', listener: () => void): unknown;
  off(event: 'data', listener: (bytes: Uint8Array) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** `process.stdout`. */
export interface ScreenOutput {
  readonly fd: number;
  readonly columns: number;
  readonly rows: number;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** `process`. */
export interface ScreenHost {
  readonly pid: number;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
  listenerCount(event: string): number;
  kill(pid: number, signal: string): unknown;
}

export interface ScreenParts {
  readonly input: ScreenInput;
  readonly output: ScreenOutput;
  readonly clock?: Clock;
  readonly host?: ScreenHost;
  /** Where frames go. Default: a description of our own of the output's terminal. */
  readonly sink?: Sink;
  /** Writes at once, past the sink. Default: to the output's descriptor. */
  readonly writeNow?: (text: string) => void;
}

// Alternate screen, no cursor, no automatic wrap (a character wider than we believed must not move all below),
// pastes marked as such.
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h\x1b[0m\x1b[2J';
const LEAVE = '\x18\x1b[?2026l\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l';
const BEGIN_FRAME = '\x1b[?2026h';
const END_FRAME = '\x1b[?2026l';

/** A terminal sends the rest of a sequence sooner; no user types that fast. */
const LONE_ESCAPE_MS = 50;
/** So long nothing has to have stopped us before it is taken that nothing will. */
const BACK_AFTER_MS = 100;

/** Some pseudo-terminals say 0 x 0. */
const UNKNOWN_SIZE: ScreenSize = { columns: 80, rows: 24 };

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

export function openScreen({
  input,
  output,
  clock = systemClock,
  host = process,
  sink = openSink(output.fd),
  writeNow = (text) => writeAtOnce(output.fd, text),
}: ScreenParts): Screen {
  let phase: 'shown' | 'suspended' | 'closed' = 'suspended';
  let isGone = false;
  let lent: 'no' | 'asked' | 'taken' = 'no';
  let isBusy = false;
  let shown: readonly string[] = [];
  let waiting: readonly string[] | undefined;
  let keyText = '';
  let cancelEscape = (): void => undefined;
  let cancelReturn = (): void => undefined;
  let tellKey: (key: string) => void = () => undefined;
  let tellSize: (size: ScreenSize) => void = () => undefined;
  let tellGone: () => void = () => undefined;
  const decoder = new StringDecoder('utf8');

  const sizeNow = (): ScreenSize => ({
    columns: output.columns || UNKNOWN_SIZE.columns,
    rows: output.rows || UNKNOWN_SIZE.rows,
  });

  // ---- Frames

  const show = (lines: readonly string[]): void => {
    const changes = frameText(shown, lines);
    shown = lines;
    if (changes !== '') isBusy = !sink.write(Buffer.from(changes));
  };

  const draw = (lines: readonly string[]): void => {
    if (phase === 'closed' || isGone) return;
    if (phase === 'suspended' || isBusy || lent !== 'no') waiting = lines;
    else show(lines);
  };

  const showWaiting = (): void => {
    const lines = waiting;
    waiting = undefined;
    if (lines !== undefined) draw(lines);
  };

  // ---- Taking the terminal, and giving it back

  const enter = (): void => {
    if (phase !== 'suspended') return;
    phase = 'shown';
    cancelReturn();
    // Node believes that the mode is still what it last set, and would do nothing.
    input.setRawMode(false);
    input.setRawMode(true);
    writeNow(ENTER);
    shown = [];
    showWaiting();
  };

  const leave = (): void => {
    if (phase !== 'shown') return;
    phase = 'suspended';
    cancelEscape();
    if (isGone) return;
    writeNow(LEAVE);
    input.setRawMode(false);
  };

  const lend = async <Result>(use: (take: () => void) => Promise<Result>): Promise<Result> => {
    lent = 'asked';
    const take = (): void => {
      if (phase !== 'shown') return;
      lent = 'taken';
      leave();
      input.off('data', read);
    };
    try {
      return await use(take);
    } finally {
      takeBack();
    }
  };

  const takeBack = (): void => {
    const wasTaken = lent === 'taken';
    lent = 'no';
    if (wasTaken && phase !== 'closed') {
      input.on('data', read);
      enter();
      input.resume();
      tellSize(sizeNow());
    } else {
      showWaiting();
    }
  };

  const close = (): void => {
    if (phase === 'closed') return;
    // The rest of a frame must not follow what gives the terminal back.
    sink.close();
    leave();
    phase = 'closed';
    cancelReturn();
    for (const [event, listener] of hostListeners) host.off(event, listener);
    output.off('resize', resized);
    input.off('data', read);
    input.pause();
  };

  const lose = (): void => {
    if (isGone || phase === 'closed') return;
    isGone = true;
    tellGone();
  };

  // ---- Signals

  const suspend = (): void => {
    if (phase !== 'shown') return;
    leave();
    host.off('SIGTSTP', suspend);
    cancelReturn = clock.after(BACK_AFTER_MS, comeBack);
    host.kill(host.pid, 'SIGTSTP');
  };

  const comeBack = (): void => {
    if (phase === 'closed' || lent === 'taken') return;
    if (phase === 'suspended') host.on('SIGTSTP', suspend);
    // Continued after a SIGSTOP, of which we did not know: what is on the screen is not known either.
    phase = 'suspended';
    enter();
    tellSize(sizeNow());
  };

  const endBy = (signal: string) => (): void => {
    close();
    if (host.listenerCount(signal) === 0) host.kill(host.pid, signal);
  };

  // ---- Input

  const read = (bytes: Uint8Array): void => {
    cancelEscape();
    hear(keyText + decoder.write(Buffer.from(bytes)), false);
    if (keyText !== '') cancelEscape = clock.after(LONE_ESCAPE_MS, () => hear(keyText, true));
  };

  const hear = (text: string, isAll: boolean): void => {
    const { keys, rest } = parseKeys(text, isAll);
    keyText = rest;
    for (const key of keys) {
      // All that belongs to our job stops with us, as if the terminal had sent it.
      if (key === 'ctrl-z') host.kill(0, 'SIGTSTP');
      else if (phase === 'shown' && lent === 'no') tellKey(key);
    }
  };

  const resized = (): void => {
    shown = [];
    waiting = undefined;
    tellSize(sizeNow());
  };

  const hostListeners: readonly (readonly [string, () => void])[] = [
    ...ENDING_SIGNALS.map((signal) => [signal, endBy(signal)] as const),
    ['SIGTSTP', suspend],
    ['SIGCONT', comeBack],
    ['exit', close],
    // It is printed where it can be read.
    ['uncaughtExceptionMonitor', close],
  ];

  for (const [event, listener] of hostListeners) host.on(event, listener);
  sink.listen({
    drain: () => {
      isBusy = false;
      showWaiting();
    },
    gone: lose,
    stuck: () => undefined,
  });
  output.on('resize', resized);
  input.on('error', lose);
  input.on('end', lose);
  input.on('data', read);
  enter();
  input.resume();

  return {
    get size() {
      return sizeNow();
    },
    draw,
    onKey: (listener) => void (tellKey = listener),
    onResize: (listener) => void (tellSize = listener),
    onGone: (listener) => void (tellGone = listener),
    lend,
    close,
  };
}

/**
 * What changes a screen of `before` into one of `after`; '' if nothing does. Each line is erased first: to erase what
 * follows a full line would take its last character.
 */
function frameText(before: readonly string[], after: readonly string[]): string {
  const changes = after
    .map((line, index) => (line === before[index] ? '' : `\x1b[${index + 1};1H\x1b[0m\x1b[2K${line}`))
    .join('');
  const rest = after.length < before.length ? `\x1b[${after.length + 1};1H\x1b[0m\x1b[J` : '';
  return changes + rest === '' ? '' : BEGIN_FRAME + changes + rest + END_FRAME;
}

const ATTEMPTS = 40;
const ATTEMPT_MS = 5;

/** Waits for a slow terminal, but not for one that takes nothing at all; one that has gone needs nothing. */
function writeAtOnce(fd: number, text: string): void {
  let rest: Uint8Array = Buffer.from(text);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { takenBytes, errno } = writeWhatGoes(fd, rest);
    if (errno === undefined || !canPass(errno)) return;
    rest = rest.subarray(takenBytes);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ATTEMPT_MS);
  }
}
