import { STATUS } from '../../core/process/exit.ts';
import type { SignalName } from '../../core/process/signals.ts';
import { MOST_LOG_LINES } from '../../top/log.ts';
import {
  newTop,
  STATUS_FOR_MS,
  type LogLine,
  type StatsMessage,
  type TopEffect,
  type TopEvent,
  type TopHeld,
  type TopModel,
} from '../../top/model.ts';
import { stepTop } from '../../top/step.ts';
import { systemClock } from '../../os/clock.ts';
import type { Screen } from '../../os/terminal/screen.ts';
import type { Clock } from '../../ports/clock.ts';
import { visibleText } from '../../text/terminal-safe.ts';
import type { Theme } from '../../ui/paint.ts';
import { renderTop } from '../../top/screen.ts';
import { writeText } from '../io.ts';
import { isUtf8 } from './locale.ts';

export type { LogLine, StatsMessage } from '../../top/model.ts';

/** The supervisor, as seen by `top`. */
export interface TopConnection {
  /** Calls back with each message, about once per second. */
  stats(on: { message(m: StatsMessage): void; ended(reason?: string): void }): { close(): void };
  /** The last `lines` lines of an instance or of `ALL_OUTPUT`; then `past` is called, then what follows. */
  logs(
    source: string,
    lines: number,
    on: { line(l: LogLine): void; past(): void; ended(reason?: string): void },
  ): { close(): void };
  /** What processes exchange, at most so many; undefined where it cannot be told. */
  held(most: number): Promise<TopHeld | undefined>;
  /** Calls `take` before it uses the terminal. Resolves as `act`, when that is free again. */
  attach(name: string, take: () => void): Promise<string>;
  /** Resolves with the sentence to show ("web.1 restarted (4100 -> 4242)"), also for failures. */
  act(verb: 'start' | 'stop' | 'restart', name: string): Promise<string>;
  signal(name: string, signal: SignalName): Promise<string>;
}

export interface TopOptions {
  readonly clock?: Clock;
  /** Use ASCII only. Default: decided by the locale. */
  readonly ascii?: boolean;
  /** Prints why `top` ends, once the terminal is restored. Default: on stderr. */
  readonly tell?: (text: string) => void;
}

/** Frames are at least this far apart, however much happens. */
const FRAME_MS = 33;
const TICK_MS = 1000;
/** What processes exchange is asked for with each tick while it is shown; else only so often whether there is anything. */
const LOOK_TICKS = 5;
const MOST_HELD = 1000;
/** A user who moves through the table with an arrow key held down does not want the log of each row. */
const SETTLED_MS = 80;

/**
 * `procsup top`: draws the screen and acts on keys until the user quits (0), the terminal hangs up (0) or the
 * supervisor is gone (3, after printing the reason). The screen is closed in any case.
 */
export async function top(
  connection: TopConnection,
  screen: Screen,
  theme: Theme,
  title: { readonly root: string; readonly pid: number },
  { clock = systemClock, ascii = !isUtf8(process.env), tell = tellOnStderr }: TopOptions = {},
): Promise<number> {
  try {
    const { status, reason } = await watch(connection, screen, theme, title, clock, ascii);
    screen.close();
    if (reason !== undefined) tell(`procsup: ${visibleText(reason)}\n`);
    return status;
  } finally {
    screen.close();
  }
}

type Quit = Extract<TopEffect, { type: 'quit' }>;

/** Resolves at the end, when all streams are closed. */
async function watch(
  connection: TopConnection,
  screen: Screen,
  theme: Theme,
  title: TopModel['title'],
  clock: Clock,
  ascii: boolean,
): Promise<Quit> {
  const { promise: ended, resolve: quit, reject: fail } = promiseParts<Quit>();
  let model = newTop(title, screen.size, clock.now());
  let isOver = false;
  let nextFrameMs = -Infinity;
  let cancelFrame: (() => void) | undefined;
  let cancelTick = (): void => undefined;
  let cancelStatus = (): void => undefined;

  // A bug of ours ends `top`, so that the terminal is restored before the error is printed.
  const guarded =
    <Arguments extends readonly unknown[]>(act: (...args: Arguments) => void) =>
    (...args: Arguments): void => {
      try {
        act(...args);
      } catch (error) {
        fail(error);
      }
    };

  const draw = guarded((): void => {
    cancelFrame = undefined;
    nextFrameMs = clock.now() + FRAME_MS;
    screen.draw(renderTop(model, model.size, theme, { ascii }));
  });

  const handle = guarded((event: TopEvent): void => {
    if (isOver) return;
    const { status } = model;
    const step = stepTop({ ...model, nowMs: clock.now() }, event);
    model = step.model;
    if (model.status !== undefined && model.status !== status) tickWhenRead();
    for (const effect of step.effects) perform(effect);
    cancelFrame ??= clock.after(Math.max(0, nextFrameMs - clock.now()), draw);
  });

  const log = createLogFollower(connection, clock, handle);

  const perform = (effect: TopEffect): void => {
    switch (effect.type) {
      case 'follow-logs':
        log.follow(effect.source);
        return;
      case 'act':
        tellWhenDone(connection.act(effect.verb, effect.name));
        return;
      case 'signal':
        tellWhenDone(connection.signal(effect.name, effect.signal));
        return;
      case 'ask-held':
        void askHeld();
        return;
      case 'attach':
        tellWhenDone(screen.lend((take) => connection.attach(effect.name, take)));
        return;
      case 'quit':
        quit(effect);
    }
  };

  const tellWhenDone = (sentence: Promise<string>): void => {
    sentence.then(
      (text) => handle({ type: 'acted', sentence: text }),
      (error: unknown) => handle({ type: 'acted', sentence: String(error) }),
    );
  };

  const now = (): void => handle({ type: 'tick', nowMs: clock.now() });

  let isAsking = false;
  const askHeld = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    const most = model.mode.type === 'exchange' ? MOST_HELD : 1;
    const held = await connection.held(most).catch(() => undefined);
    isAsking = false;
    if (held === undefined) return;
    handle({ type: 'held', held });
    // It was opened meanwhile.
    if (most === 1 && model.mode.type === 'exchange' && !isOver) void askHeld();
  };

  let ticks = 0;
  const tick = (): void => {
    now();
    if (model.mode.type === 'exchange' || ticks % LOOK_TICKS === 0) void askHeld();
    ticks += 1;
    cancelTick = clock.after(TICK_MS, tick);
  };

  const tickWhenRead = (): void => {
    cancelStatus();
    cancelStatus = clock.after(STATUS_FOR_MS, now);
  };

  screen.onKey((key) => handle({ type: 'key', key }));
  screen.onResize((size) => handle({ type: 'resize', size }));
  screen.onGone(() => quit({ type: 'quit', status: STATUS.success }));
  const stats = connection.stats({
    message: (message) => handle({ type: 'stats', message, nowMs: clock.now() }),
    ended: (reason) => handle({ type: 'lost', reason }),
  });
  tick();

  try {
    return await ended;
  } finally {
    isOver = true;
    cancelFrame?.();
    cancelTick();
    cancelStatus();
    log.follow(undefined);
    stats.close();
  }
}

/** Follows one log at a time. Lines are passed on in batches, so a flood costs no more than the lines shown. */
function createLogFollower(connection: TopConnection, clock: Clock, handle: (event: TopEvent) => void) {
  let stop = (): void => undefined;

  const open = (source: string): (() => void) => {
    let lines: LogLine[] = [];
    let skipped = 0;
    let isPast = true;
    let cancelBunch: (() => void) | undefined;
    const handOn = (): void => {
      cancelBunch?.();
      cancelBunch = undefined;
      const bunch = { lines, skipped };
      [lines, skipped] = [[], 0];
      handle({ type: 'log', source, ...bunch });
    };
    const stream = connection.logs(source, MOST_LOG_LINES, {
      line(line) {
        lines.push(line);
        if (lines.length >= 2 * MOST_LOG_LINES) {
          lines = lines.slice(MOST_LOG_LINES);
          skipped += MOST_LOG_LINES;
        }
        if (!isPast) cancelBunch ??= clock.after(FRAME_MS, handOn);
      },
      // Past lines come at once, so that a log that is searched or scrolled already has them all.
      past() {
        isPast = false;
        if (lines.length > 0) handOn();
      },
      ended(reason) {
        if (lines.length > 0) handOn();
        handle({ type: 'log-ended', source, reason });
      },
    });
    return () => {
      cancelBunch?.();
      stream.close();
    };
  };

  return {
    follow(source: string | undefined): void {
      stop();
      stop = () => undefined;
      if (source === undefined) return;
      stop = clock.after(SETTLED_MS, () => (stop = open(source)));
    },
  };
}

const tellOnStderr = (text: string): void => void writeText(2, text);

function promiseParts<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
