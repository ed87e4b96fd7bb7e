/** Stands for an array that is not needed yet: most agendas of a step have nothing in them. */
const NONE: number[] = [];

// Before and after all keys. Small integers, as the keys are, for V8 keeps others apart.
const BEFORE = -(2 ** 30);
const AFTER = 2 ** 30 - 1;

/**
 * Places that wait for a look. A pass takes them in one direction, each once. What is added meanwhile belongs to the pass
 * if its place is still ahead, else to the next one: as if the pass went through all places.
 */
export class Agenda {
  readonly #isDescending: boolean;
  /** Keys, which ascend in the direction of the passes. */
  #later = NONE;
  /** What was added to a pass. A heap: the parent of `i` is at `(i - 1) >> 1`. */
  #added = NONE;
  #current = AFTER;

  constructor(direction: 'ascending' | 'descending') {
    this.#isDescending = direction === 'descending';
  }

  get isEmpty(): boolean {
    return this.#later.length === 0;
  }

  add(place: number): void {
    const key = this.#isDescending ? ~place : place;
    if (key > this.#current) {
      if (this.#added === NONE) this.#added = [];
      push(this.#added, key);
    } else if (this.#later === NONE) this.#later = [key];
    else this.#later.push(key);
  }

  pass(look: (place: number) => void): void {
    if (this.isEmpty) return;
    const keys = inOrder(this.#later);
    this.#later = NONE;
    this.#current = BEFORE;
    for (const key of keys) {
      this.#passAdded(key, look);
      this.#lookAt(key, look);
    }
    this.#passAdded(AFTER, look);
    this.#current = AFTER;
  }

  #passAdded(until: number, look: (place: number) => void): void {
    for (let next = this.#added[0]; next !== undefined && next < until; next = this.#added[0]) {
      pop(this.#added);
      this.#lookAt(next, look);
    }
  }

  #lookAt(key: number, look: (place: number) => void): void {
    if (key === this.#current) return;
    this.#current = key;
    look(this.#isDescending ? ~key : key);
  }
}

/** Ascending, each once. */
export function inOrder(places: readonly number[]): readonly number[] {
  if (places.length < 2) return places;
  return places
    .slice()
    .sort((a, b) => a - b)
    .filter((place, at, sorted) => place !== sorted[at - 1]);
}

function push(heap: number[], key: number): void {
  let at = heap.push(key) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] ?? BEFORE;
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
    const [one = AFTER, other = AFTER] = [heap[left], heap[left + 1]];
    if (last <= one && last <= other) break;
    const child = other < one ? left + 1 : left;
    heap[at] = Math.min(one, other);
    at = child;
  }
  heap[at] = last;
  return first;
}
