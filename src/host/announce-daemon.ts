/**
 * What an announcer is to a daemon, which has no terminal: the processes' output is read for the log book and printed
 * nowhere; our own events go to stdout, which is the daemon's log, and among the output in the log book.
 */
import { createHub } from '../output/hub.ts';
import type { LogBook } from '../logs/book.ts';
import { createPlainPrefixer } from '../output/prefixer.ts';
import { systemClock } from '../os/clock.ts';
import { readInto } from '../os/pipes/reader.ts';
import { openSink } from '../os/terminal/stdout.ts';
import type { Sink } from '../ports/output.ts';
import { logPrefix } from '../ui/log-prefix.ts';
import type { Announcer } from './announce.ts';

export function createDaemonAnnouncer(book: LogBook): Announcer {
  const output = createHub({ sink: NOWHERE, readInto, clock: systemClock });
  output.discard();
  const events = createHub({ sink: openSink(1), readInto, clock: systemClock });
  const record = book.writer('system');
  return {
    hub: output,
    wasStuck: false,
    say(text) {
      record.write(Buffer.from(`${text}\n`));
      events.say(text);
    },
    open() {
      const prefix = logPrefix({ timestamps: 'iso', width: 0, colour: (text) => text });
      output.open({ prefixer: createPlainPrefixer() });
      events.open({
        prefixer: createPlainPrefixer(),
        prefixOf: (_label, wallMs) => prefix({ name: '', index: -1 }, wallMs, true),
      });
    },
    flush: (done) => output.flush(() => events.flush(done)),
    close() {
      output.close();
      events.close();
      return 0;
    },
  };
}

const NOWHERE: Sink = { isTerminal: false, write: () => true, listen: () => undefined, close: () => 0 };
