/** Where the values of a file stand: `pipelines`, `ingest`, `stages`, 0. */
import type { Place } from '../core/problem.ts';

export type ValuePath = readonly (string | number)[];

/** A stretch of a text's value, in UTF-16 units. */
export interface Stretch {
  readonly at: number;
  readonly length: number;
}

/**
 * The place of what is at `path`: its value, the key that names it (of an item of a list: the item), or a stretch of it,
 * if it is a text. Of what is not there, the place of what should have had it.
 */
export type PlaceOf = (path: ValuePath, part?: 'value' | 'key' | Stretch) => Place;
