/**
 * Where the output of the processes and our own events meet: both are lines on stdout, unless the user wants the bare
 * output there (`--no-prefix`, `--raw`); then our events go to stderr, by a hub of their own, for a blocked terminal
 * must not block us.
 */
import type { Event } from '../core/events.ts';
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import { createHub, SYSTEM, type Hub } from '../output/hub.ts';
import { createPlainPrefixer, type Prefixer } from '../output/prefixer.ts';
import { systemClock } from '../os/clock.ts';
import { readInto } from '../os/pipes/reader.ts';
import { openSink } from '../os/terminal/stdout.ts';
import { eventText } from '../ui/event-text.ts';
import { logPrefix } from '../ui/log-prefix.ts';
import { plainBytes, safeBytes } from '../text/terminal-safe.ts';
import { plainTheme, type Theme } from '../ui/paint.ts';

/** How output is printed in the foreground. */
export interface PrintOptions {
  readonly timestamps: 'none' | 'time' | 'iso';
  readonly prefix: boolean;
  /** The only process has our own stdout. */
  readonly raw: boolean;
}

export interface Announcer {
  /** Takes the processes' output. */
  readonly hub: Hub;
  say(text: string): void;
  /** Begins to print. */
  open(theme: Theme, prefixer: Prefixer): void;
  /** The output could not be written: the disk is, or was, full. */
  readonly wasStuck: boolean;
  /** Calls back when everything has been taken. */
  flush(done: () => void): void;
  /** Returns the number of bytes that were never taken. */
  close(): number;
}

export function createAnnouncer(
  options: PrintOptions,
  instances: readonly InstanceSpec[],
  onGone: () => void,
  onStuck: (event: Event) => void,
): Announcer {
  let wasStuck = false;
  const createEventsHub = (): Hub => eventsHub(() => (wasStuck = true));
  const events = options.prefix && !options.raw ? undefined : createEventsHub();
  const sink = openSink(1);
  const hub = createHub({
    sink,
    readInto,
    clock: systemClock,
    onGone,
    onStuck(reason) {
      wasStuck = true;
      const event = { type: 'output-stuck', reason } as const;
      onStuck(event);
      // Not among the output, which is what cannot be written.
      (events ?? createEventsHub()).say(eventText(event));
    },
  });
  const voice = events ?? hub;
  const width = Math.max(...[SYSTEM, ...instances].map(({ name }) => name.length));

  return {
    hub,
    get wasStuck() {
      return wasStuck;
    },
    say: (text) => voice.say(text),
    open(theme, prefixer) {
      const colour = (text: string, index: number) =>
        index === SYSTEM.index ? theme.system(text) : theme.process(index)(text);
      const prefixOf = logPrefix({ timestamps: options.timestamps, width, colour });
      const clean = theme === plainTheme ? plainBytes : safeBytes;
      if (events === undefined) hub.open({ prefixer, prefixOf, clean });
      else hub.open({ prefixer, clean: sink.isTerminal ? clean : undefined });
    },
    flush: (done) => hub.flush(() => voice.flush(done)),
    close() {
      events?.close();
      return hub.close();
    },
  };
}

function eventsHub(onStuck: () => void): Hub {
  const hub = createHub({ sink: openSink(2), readInto, clock: systemClock, onStuck });
  hub.open({ prefixer: createPlainPrefixer(), prefixOf: () => 'procsup: ', clean: plainBytes });
  return hub;
}
