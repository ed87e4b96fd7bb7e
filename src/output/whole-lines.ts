/** For a second writer of one log: it writes whole lines only, and leaves the end of the run to the first. */
import type { Tap } from './source.ts';

const NEWLINE = 10;

export function wholeLines(tap: Pick<Tap, 'write'>): Tap {
  let rest: Uint8Array = new Uint8Array();
  return {
    write(bytes) {
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      if (end > 0) tap.write(Buffer.concat([rest, bytes.subarray(0, end)]));
      rest = end > 0 ? Uint8Array.from(bytes.subarray(end)) : Buffer.concat([rest, bytes]);
    },
    endRun() {
      if (rest.length > 0) tap.write(Buffer.concat([rest, Uint8Array.of(NEWLINE)]));
      rest = new Uint8Array();
    },
  };
}
