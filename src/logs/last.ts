/** Where the last so many lines begin, found without keeping any of them. */
import { RECORD_COST_BYTES, type Recorded } from './source.ts';
import { countNewlines } from './segment.ts';

const FIRST_LOOK_BYTES = 16 * 1024;
const MOST_LOOK_BYTES = 64 * 1024;

/** One process, looked at backwards. */
interface Lookback {
  /** What was found and not counted yet, oldest first. */
  found: { readonly stamp: number; readonly newlines: number }[];
  /** The newest of these; -1 when there is no more. */
  stamp: number;
  /** A newline ends a line that may have begun before what is looked at: it stands for none. */
  hasEnd: boolean;
  look(): number;
}

/**
 * Looks back for a stamp at or after which at least `count` lines began, of all processes together, and few more;
 * `leastStamp` where there are not so many after it. Yields what each step cost in bytes.
 */
export function* findLast(
  all: readonly Recorded[],
  count: number,
  leastStamp: number,
): Generator<number, number> {
  const lookbacks = all.map((recorded) => createLookback(recorded, leastStamp));
  for (const each of lookbacks) yield each.look();
  let missing = count;
  for (;;) {
    const [newest, nextStamp] = newestOf(lookbacks);
    if (newest === undefined) return leastStamp;
    // As long as no other has a newer one, the others need not be looked at again.
    while (newest.stamp > nextStamp) {
      const record = newest.found.pop();
      if (record !== undefined) {
        missing -= record.newlines - (newest.hasEnd || record.newlines === 0 ? 0 : 1);
        newest.hasEnd ||= record.newlines > 0;
        if (missing <= 0) return record.stamp;
      }
      newest.stamp = newest.found.at(-1)?.stamp ?? -1;
      if (newest.stamp < 0) yield newest.look();
    }
  }
}

/** The one with the newest record, and the stamp of the newest of all others. */
function newestOf(all: readonly Lookback[]): [newest: Lookback | undefined, nextStamp: number] {
  let newest: Lookback | undefined;
  let nextStamp = -1;
  for (const each of all) {
    if (each.stamp > (newest?.stamp ?? -1)) {
      nextStamp = newest?.stamp ?? -1;
      newest = each;
    } else {
      nextStamp = Math.max(nextStamp, each.stamp);
    }
  }
  return [newest, nextStamp];
}

function createLookback(recorded: Recorded, leastStamp: number): Lookback {
  let before = Infinity;
  let mostBytes = FIRST_LOOK_BYTES;
  const lookback: Lookback = {
    found: [],
    stamp: -1,
    hasEnd: false,
    look() {
      const segments = recorded.before(before, mostBytes);
      before = segments[0]?.stamp ?? before;
      mostBytes = Math.min(2 * mostBytes, MOST_LOOK_BYTES);
      const wanted = segments.filter(({ stamp }) => stamp >= leastStamp);
      lookback.found = wanted.map(({ stamp, bytes }) => ({ stamp, newlines: countNewlines(bytes) }));
      lookback.stamp = wanted.at(-1)?.stamp ?? -1;
      return segments.reduce((sum, { bytes }) => sum + bytes.length + RECORD_COST_BYTES, RECORD_COST_BYTES);
    },
  };
  return lookback;
}
