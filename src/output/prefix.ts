/** Each source's prefix, made once a second at most: making it costs more than inserting it into a block. */
import type { Clock } from '../ports/clock.ts';
import { prefixFrom, type Prefix } from './prefixer.ts';

/** The origin of a line. `index`, the place of the process in the Procfile (-1 for procsup), decides the color. */
export interface Label {
  readonly name: string;
  readonly index: number;
}

/** The text before a line. `finished` is false for a piece of a line that goes on in its source's next printed line. */
export type PrefixOf = (label: Label, wallMs: number, finished: boolean) => string;

/** The prefix for a line printed now. */
export type CurrentPrefix = (finished: boolean) => Prefix;

export function createPrefixCache(label: Label, prefixOf: PrefixOf, clock: Clock): CurrentPrefix {
  let second = NaN;
  let whole: Prefix | undefined;
  let piece: Prefix | undefined;
  return (finished) => {
    const wallMs = clock.wallNow();
    const thisSecond = Math.floor(wallMs / 1000);
    if (thisSecond !== second) {
      second = thisSecond;
      whole = piece = undefined;
    }
    const make = (): Prefix => prefixFrom(prefixOf(label, wallMs, finished));
    return finished ? (whole ??= make()) : (piece ??= make());
  };
}
