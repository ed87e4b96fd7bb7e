/** Numbers by a time, the earliest first, and of equal times the smallest; two numbers for each entry. */
export class DueHeap {
  readonly #dues: number[] = [];
  readonly #seqs: number[] = [];

  get size(): number {
    return this.#seqs.length;
  }

  /** Infinity: it is empty. */
  get firstDue(): number {
    return this.#dues[0] ?? Infinity;
  }

  get firstSeq(): number | undefined {
    return this.#seqs[0];
  }

  push(due: number, seq: number): void {
    let at = this.#seqs.length;
    this.#dues.push(due);
    this.#seqs.push(seq);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): number | undefined {
    const first = this.#seqs[0];
    const lastDue = this.#dues.pop();
    const lastSeq = this.#seqs.pop();
    if (this.#seqs.length === 0 || lastDue === undefined || lastSeq === undefined) return first;
    this.#dues[0] = lastDue;
    this.#seqs[0] = lastSeq;
    this.#sink();
    return first;
  }

  *[Symbol.iterator](): Generator<number> {
    yield* this.#seqs;
  }

  #sink(): void {
    for (let at = 0; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < this.#seqs.length && this.#isBefore(child, least)) least = child;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [a = 0, b = 0] = [this.#dues[one], this.#dues[other]];
    return a < b || (a === b && (this.#seqs[one] ?? 0) < (this.#seqs[other] ?? 0));
  }

  #swap(one: number, other: number): void {
    [this.#dues[one], this.#dues[other]] = [this.#dues[other] ?? 0, this.#dues[one] ?? 0];
    [this.#seqs[one], this.#seqs[other]] = [this.#seqs[other] ?? 0, this.#seqs[one] ?? 0];
  }
}
