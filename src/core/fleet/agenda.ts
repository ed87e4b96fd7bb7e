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

  addAll(places: readonly number[]): void {
    places.forEach((place) => this.add(place));
  }

  pass(look: (place: number) => void): void {
    if (this.isEmpty) return;
    const keys = inOrder(this.#later);
    this.#later = NONE;
    this.#current = BEFORE;
    for (let at = 0; at < keys.length || this.#added.length > 0;) {
      const key = keys[at] ?? AFTER;
      const added = this.#added[0] ?? AFTER;
      if (key <= added) at += 1;
      else pop(this.#added);
      const next = Math.min(key, added);
      if (next === this.#current) continue;
      this.#current = next;
      look(this.#isDescending ? ~next : next);
    }
    this.#current = AFTER;
  }
}

/** Ascending, each once. */
export function inOrder(places: readonly number[]): readonly number[] {
  if (isAscending(places)) return places;
  return places
    .slice()
    .sort((a, b) => a - b)
    .filter((place, at, sorted) => place !== sorted[at - 1]);
}

/** So they are mostly, and few. */
function isAscending(places: readonly number[]): boolean {
  for (let at = 1; at < places.length; at += 1) if ((places[at - 1] ?? 0) >= (places[at] ?? 0)) return false;
  return true;
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
