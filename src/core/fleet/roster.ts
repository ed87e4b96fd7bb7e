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

  /** `places` gives each name a number of its own: the place of its value. */
  static of<V>(places: ReadonlyMap<string, number>, values: readonly (V | undefined)[]): Roster<V> {
    const size = values.filter((value) => value !== undefined).length;
    return new Roster(places, Slots.of(values), size);
  }

  get(name: string): V | undefined {
    const place = this.#places.get(name);
    return place === undefined ? undefined : this.at(place);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  at(place: number): V | undefined {
    return this.#slots.get(place);
  }

  /** Of a name that is not known nothing is kept. */
  with(name: string, value: V | undefined, maker?: object): Roster<V> {
    const place = this.#places.get(name);
    return place === undefined ? this : this.withAt(place, value, maker);
  }

  /** `undefined` takes it out. `maker`: see `Slots.with`. */
  withAt(place: number, value: V | undefined, maker?: object): Roster<V> {
    const before = this.#slots.get(place) === undefined ? 0 : 1;
    const size = this.size - before + (value === undefined ? 0 : 1);
    const slots = this.#slots.with(place, value, maker);
    return slots === this.#slots && size === this.size ? this : new Roster(this.#places, slots, size);
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
