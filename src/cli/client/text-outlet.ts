/** Writes pieces of text to a sink in order. Keeps what the sink does not take at once, and tells the writer to wait. */
import type { Sink } from '../../ports/output.ts';
import type { ErrorBody } from '../../control/client.ts';
import { isReaderGone, lostOutputText } from '../io.ts';

export interface TextOutletEvents {
  /** Stop writing until `taken`. Text that is written nevertheless is kept. */
  readonly full: () => void;
  readonly taken: () => void;
  /** The reader is gone: an ordinary end. */
  readonly gone: () => void;
  /** The text cannot be written, for example because the disk is full. */
  readonly lost: (error: ErrorBody) => void;
}

export interface TextOutlet {
  listen(events: TextOutletEvents): void;
  write(text: string | Uint8Array): void;
  /** Calls back when everything written so far has been taken. */
  whenTaken(done: () => void): void;
  close(): void;
}

export function createTextOutlet(sink: Sink): TextOutlet {
  const unsent: Uint8Array[] = [];
  const waiting: (() => void)[] = [];
  let isBlocked = false;
  let events: TextOutletEvents | undefined;

  const write = (bytes: Uint8Array): void => {
    if (isBlocked) {
      unsent.push(bytes);
    } else if (!sink.write(bytes)) {
      isBlocked = true;
      events?.full();
    }
  };

  const whenTaken = (done: () => void): void => {
    if (isBlocked) waiting.push(done);
    else done();
  };

  sink.listen({
    drain() {
      for (let next = unsent.shift(); next !== undefined; next = unsent.shift())
        if (!sink.write(next)) return;
      isBlocked = false;
      events?.taken();
      // A listener may have written more, which is not taken either: then the others go on waiting.
      for (const done of waiting.splice(0)) whenTaken(done);
    },
    gone(errno) {
      if (errno === undefined || isReaderGone(errno)) events?.gone();
      else events?.lost(lostFor(errno));
    },
    // It is tried again, but nobody waits for a command that only prints.
    stuck: (errno) => events?.lost(lostFor(errno)),
  });

  return {
    listen: (listener) => void (events = listener),
    write: (text) => write(typeof text === 'string' ? Buffer.from(text) : text),
    whenTaken,
    close: () => void sink.close(),
  };
}

const lostFor = (errno: string): ErrorBody => ({ code: 'internal', message: lostOutputText(errno) });
