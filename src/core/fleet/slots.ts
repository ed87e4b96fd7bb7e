/**
 * An immutable array with holes, in chunks: a changed copy shares all chunks but one with the original. So a change copies
 * one chunk and the list of chunks, some hundred places in all for ten thousand values.
 */
const BITS = 6;
const MASK = (1 << BITS) - 1;

interface Chunk<V> {
  readonly values: (V | undefined)[];
  readonly maker: object;
}

export class Slots<V> {
  readonly #chunks: (Chunk<V> | undefined)[];
  /** What `#chunks` was made for. */
  readonly #maker: object | undefined;

  constructor(chunks: (Chunk<V> | undefined)[] = [], maker?: object) {
    this.#chunks = chunks;
    this.#maker = maker;
  }

  static of<V>(values: readonly (V | undefined)[]): Slots<V> {
    const chunks: Chunk<V>[] = [];
    const maker = {};
    for (let at = 0; at < values.length; at += 1 << BITS) {
      chunks.push({ values: values.slice(at, at + (1 << BITS)), maker });
    }
    return new Slots(chunks, maker);
  }

  get(place: number): V | undefined {
    return this.#chunks[place >> BITS]?.values[place & MASK];
  }

  /**
   * `undefined` makes a hole. Whoever makes several changes gives each the same `maker`: what was made for it is changed in
   * place, so it must have given away none of the copies in between. It is kept: an object without anything.
   */
  with(place: number, value: V | undefined, maker: object = {}): Slots<V> {
    const isOwn = this.#maker === maker;
    const chunks = isOwn ? this.#chunks : this.#chunks.slice();
    const index = place >> BITS;
    const old = chunks[index];
    const chunk = old?.maker === maker ? old : { values: old === undefined ? [] : old.values.slice(), maker };
    chunk.values[place & MASK] = value;
    chunks[index] = chunk;
    return isOwn ? this : new Slots(chunks, maker);
  }
}
