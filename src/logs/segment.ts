/** What rings and files are read as: one recorded stretch of one process's output. */

/** The run ended after this: what comes next belongs to another line. */
export const ENDS_RUN = 1;
/** Something that came before this was lost. */
export const AFTER_GAP = 2;
/** The other bits of the flags are the lag of the stamp (see log-stamp). */
const LAG_UNIT = 4;

export const flagsWithLag = (flags: number, lag: number): number => flags + lag * LAG_UNIT;
export const lagOf = (flags: number): number => Math.floor(flags / LAG_UNIT);

/** The longest that is recorded under one stamp, so that what is forgotten and searched for is small. */
export const RECORD_LIMIT_BYTES = 64 * 1024;

export interface LogSegment {
  readonly stamp: number;
  /** `ENDS_RUN`, `AFTER_GAP`, and the lag. */
  readonly flags: number;
  /** As the program wrote them; a line can begin and end anywhere. */
  readonly bytes: Buffer;
}

const NEWLINE = 10;

export function countNewlines(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let count = 0;
  for (let at = from; at < to; at += 1) if (bytes[at] === NEWLINE) count += 1;
  return count;
}
