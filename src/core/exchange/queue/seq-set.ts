/** A set of the numbers of messages in about one bit each: a million waiting messages must not take 50 MB. */

const BITS = 1024;

interface Chunk {
  readonly words: Uint32Array;
  count: number;
}

export class SeqSet {
  readonly #chunks = new Map<number, Chunk>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(seq: number): boolean {
    const chunk = this.#chunks.get(Math.floor(seq / BITS));
    const at = seq % BITS;
    return chunk !== undefined && ((chunk.words[at >>> 5] ?? 0) & (1 << (at & 31))) !== 0;
  }

  add(seq: number): void {
    if (this.has(seq)) return;
    const key = Math.floor(seq / BITS);
    let chunk = this.#chunks.get(key);
    if (chunk === undefined) this.#chunks.set(key, (chunk = { words: new Uint32Array(BITS / 32), count: 0 }));
    this.#flip(chunk, seq, 1);
  }

  delete(seq: number): boolean {
    if (!this.has(seq)) return false;
    const key = Math.floor(seq / BITS);
    const chunk = this.#chunks.get(key);
    if (chunk === undefined) return false;
    this.#flip(chunk, seq, -1);
    if (chunk.count === 0) this.#chunks.delete(key);
    return true;
  }

  #flip(chunk: Chunk, seq: number, by: 1 | -1): void {
    const at = seq % BITS;
    chunk.words[at >>> 5] = (chunk.words[at >>> 5] ?? 0) ^ (1 << (at & 31));
    chunk.count += by;
    this.#size += by;
  }
}
