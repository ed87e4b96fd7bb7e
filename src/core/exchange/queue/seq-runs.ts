/** Numbers in the order of their arrival. What follows one another is kept as one run: a million may be two numbers. */
export class SeqRuns {
  #starts: number[] = [];
  /** Each after the last one of its run. */
  #ends: number[] = [];
  /** Index of the first run that is not empty. */
  #at = 0;

  /** Undefined: there is none. */
  get first(): number | undefined {
    return this.#starts[this.#at];
  }

  push(seq: number): void {
    const last = this.#ends.length - 1;
    if (last >= this.#at && this.#ends[last] === seq) {
      this.#ends[last] = seq + 1;
      return;
    }
    this.#starts.push(seq);
    this.#ends.push(seq + 1);
  }

  shift(): void {
    const start = this.#starts[this.#at];
    if (start === undefined) return;
    this.#starts[this.#at] = start + 1;
    if (start + 1 < (this.#ends[this.#at] ?? 0)) return;
    this.#at += 1;
    if (this.#at < COMPACT_AFTER || this.#at * 2 < this.#starts.length) return;
    this.#starts = this.#starts.slice(this.#at);
    this.#ends = this.#ends.slice(this.#at);
    this.#at = 0;
  }

  *[Symbol.iterator](): Generator<number> {
    for (let at = this.#at; at < this.#starts.length; at += 1)
      for (let seq = this.#starts[at] ?? 0; seq < (this.#ends[at] ?? 0); seq += 1) yield seq;
  }
}

const COMPACT_AFTER = 4096;
