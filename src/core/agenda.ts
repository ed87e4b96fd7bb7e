/**
 * Places that wait for a look, each once. A pass takes them in one direction. What is added meanwhile belongs to the pass
 * if its place is still ahead, else to the next one: as if the pass went through all places.
 */
export class Agenda {
  readonly #direction: 1 | -1;
  readonly #waiting = new Set<number>();
  /** Keys are places that ascend in the direction of the passes. A heap: the parent of `i` is at `(i - 1) >> 1`. */
  #ahead: number[] = [];
  #later: number[] = [];
  #current = Infinity;

  constructor(direction: 1 | -1) {
    this.#direction = direction;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  add(place: number): void {
    if (this.#waiting.has(place)) return;
    this.#waiting.add(place);
    const key = place * this.#direction;
    if (key > this.#current) push(this.#ahead, key);
    else this.#later.push(key);
  }

  pass(look: (place: number) => void): void {
    // What is sorted is a heap.
    this.#ahead = this.#later.sort((a, b) => a - b);
    this.#later = [];
    for (let key = pop(this.#ahead); key !== undefined; key = pop(this.#ahead)) {
      this.#current = key;
      const place = key * this.#direction;
      this.#waiting.delete(place);
      look(place);
    }
    this.#current = Infinity;
  }
}

function push(heap: number[], key: number): void {
  let at = heap.push(key) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] ?? -Infinity;
    if (above <= key) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = key;
}

function pop(heap: number[]): number | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const [one = Infinity, other = Infinity] = [heap[left], heap[left + 1]];
    if (last <= one && last <= other) break;
    const child = other < one ? left + 1 : left;
    heap[at] = Math.min(one, other);
    at = child;
  }
  heap[at] = last;
  return first;
}
