/** Reads the processes' output for the log book, and prints nothing. */
import { systemClock } from '../os/clock.ts';
import { readInto } from '../os/pipes/reader.ts';
import { createHub } from '../output/hub.ts';
import { createPlainPrefixer } from '../output/prefixer.ts';
import type { Sink } from '../ports/output.ts';
import type { Announcer } from './announce.ts';

export function createSilentAnnouncer(): Announcer {
  const hub = createHub({ sink: NOWHERE, readInto, clock: systemClock });
  hub.discard();
  return {
    hub,
    wasStuck: false,
    say: () => undefined,
    open: () => hub.open({ prefixer: createPlainPrefixer() }),
    flush: (done) => hub.flush(done),
    close() {
      hub.close();
      return 0;
    },
  };
}

const NOWHERE: Sink = { isTerminal: false, write: () => true, listen: () => undefined, close: () => 0 };
