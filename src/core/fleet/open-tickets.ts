import { Slots } from './slots.ts';
import type { Ticket } from './tickets.ts';

/** An immutable map from the numbers of tickets, which ascend, to those that are open. */
export class OpenTickets {
  readonly size: number;
  /** The number that is at place 0: begun anew whenever none is open, so that numbers of the past need no places. */
  readonly #first: number;
  readonly #last: number;
  readonly #slots: Slots<Ticket>;

  constructor(slots = new Slots<Ticket>(), size = 0, first = 0, last = -1) {
    this.#slots = slots;
    this.size = size;
    this.#first = first;
    this.#last = last;
  }

  get(id: number): Ticket | undefined {
    return id < this.#first ? undefined : this.#slots.get(id - this.#first);
  }

  /** `undefined`: it is settled. `maker`: see `Slots.with`. */
  with(id: number, ticket: Ticket | undefined, maker?: object): OpenTickets {
    const isKnown = this.get(id) !== undefined;
    if (ticket === undefined && this.size === (isKnown ? 1 : 0)) return new OpenTickets();
    const size = this.size - (isKnown ? 1 : 0) + (ticket === undefined ? 0 : 1);
    const first = this.size === 0 ? id : this.#first;
    const slots = this.#slots.with(id - first, ticket, maker);
    return new OpenTickets(slots, size, first, Math.max(this.#last, id));
  }

  ids(): readonly number[] {
    const ids: number[] = [];
    for (let id = this.#first; id <= this.#last; id += 1) if (this.get(id) !== undefined) ids.push(id);
    return ids;
  }
}
