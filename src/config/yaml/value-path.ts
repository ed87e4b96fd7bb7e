/** Paths to the values of a file: `pipelines`, `ingest`, `stages`, 0. */
import type { Place } from '../../core/problem.ts';

export type ValuePath = readonly (string | number)[];

/** A part of a string value, in UTF-16 units. */
export interface Stretch {
  readonly at: number;
  readonly length: number;
}

/**
 * The place of the value at `path`, of its key (for an item of a list: the item), or of a part of a string value. For a
 * missing value, the place of its parent.
 */
export type PlaceOf = (path: ValuePath, part?: 'value' | 'key' | Stretch) => Place;
