import { Slots } from './slots.ts';

/** An immutable map over names that are known from the beginning, in their order. A changed copy is cheap (see `Slots`). */
export class Roster<V> implements ReadonlyMap<string, V> {
  readonly size: number;
  /** Of all names, also of those that have no value. */
  readonly #places: ReadonlyMap<string, number>;
  readonly #slots: Slots<V>;

  private constructor(places: ReadonlyMap<string, number>, slots: Slots<V>, size: number) {
    this.#places = places;
    this.#slots = slots;
    this.size = size;
  }

  /** `places` gives each name a number of its own. */
  static empty<V>(places: ReadonlyMap<string, number>): Roster<V> {
    return new Roster(places, new Slots<V>(), 0);
  }

  static of<V>(values: ReadonlyMap<string, V>): Roster<V> {
    let roster = Roster.empty<V>(new Map(Array.from(values.keys(), (name, place) => [name, place])));
    for (const [name, value] of values) roster = roster.with(name, value);
    return roster;
  }

  get(name: string): V | undefined {
    const place = this.#places.get(name);
    return place === undefined ? undefined : this.#slots.get(place);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** `undefined` takes the name out. Of a name that is not known nothing is kept. */
  with(name: string, value: V | undefined): Roster<V> {
    const place = this.#places.get(name);
    if (place === undefined) return this;
    const before = this.#slots.get(place) === undefined ? 0 : 1;
    const after = value === undefined ? 0 : 1;
    return new Roster(this.#places, this.#slots.with(place, value), this.size + after - before);
  }

  *entries(): Generator<[string, V], undefined> {
    for (const [name, place] of this.#places) {
      const value = this.#slots.get(place);
      if (value !== undefined) yield [name, value];
    }
    return undefined;
  }

  *keys(): Generator<string, undefined> {
    for (const [name] of this.entries()) yield name;
    return undefined;
  }

  *values(): Generator<V, undefined> {
    for (const [, value] of this.entries()) yield value;
    return undefined;
  }

  [Symbol.iterator](): Generator<[string, V], undefined> {
    return this.entries();
  }

  forEach(visit: (value: V, name: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [name, value] of this.entries()) visit(value, name, this);
  }
}
