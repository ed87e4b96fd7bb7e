/**
 * Which members have to be looked at again when something has changed. What a member may do depends on itself, on the
 * processes that it needs and that need it, by their counts, and on its neighbours in a pipeline; so it has to ask again
 * when one of these has changed, and only then.
 */
import { Agenda } from './agenda.ts';
import { cannotBeMet, isHeld, isMet, type Tally } from './fleet-counts.ts';
import type { FleetSpec, Need } from './fleet-spec.ts';

export class Looks {
  readonly toDoom = new Agenda(1);
  /** The last is stopped first. */
  readonly toLower = new Agenda(-1);
  readonly toRaise = new Agenda(1);
  /** Places of those that this step has changed; and of those of them that nobody has taken note of yet. */
  readonly touched = new Set<number>();
  readonly #news = new Set<number>();
  readonly #isThorough: boolean;

  /** Thorough: everybody is looked at, at first and after every change. */
  constructor(isThorough: boolean) {
    this.#isThorough = isThorough;
  }

  get areDue(): boolean {
    return [this.toDoom, this.toLower, this.toRaise].some((agenda) => !agenda.isEmpty);
  }

  changed(spec: FleetSpec, name: string): void {
    const place = spec.places.get(name);
    if (place === undefined) return;
    if (this.#isThorough) return this.everybody(spec);
    this.#touch(place);
    for (const other of spec.neighbours.get(name) ?? []) this.#look(spec.places.get(other));
  }

  /** Nothing has changed for it but that somebody waits for an answer. */
  asked({ places }: FleetSpec, name: string): void {
    const place = places.get(name);
    if (place !== undefined) this.touched.add(place);
  }

  counted(spec: FleetSpec, process: string, was: Tally, is: Tally): void {
    const { instances = [], dependents = [] } = spec.needed.get(process) ?? {};
    if (UNTIL.some((until) => differs(until, was, is))) for (const place of dependents) this.#look(place);
    if (isHeld(was, false) !== isHeld(is, false) || isHeld(was, true) !== isHeld(is, true)) {
      for (const place of instances) this.#look(place);
    }
  }

  everybody({ members }: FleetSpec): void {
    for (const place of members.keys()) this.#touch(place);
  }

  /** In the order of the members. */
  takeNews(): readonly number[] {
    const news = inOrder(this.#news);
    this.#news.clear();
    return news;
  }

  #touch(place: number): void {
    this.touched.add(place);
    this.#news.add(place);
    this.#look(place);
  }

  #look(place: number | undefined): void {
    if (place === undefined) return;
    this.toDoom.add(place);
    this.toLower.add(place);
    this.toRaise.add(place);
  }
}

const UNTIL = ['started', 'ready', 'succeeded'] as const satisfies readonly Need['until'][];

const differs = (until: Need['until'], was: Tally, is: Tally): boolean =>
  isMet(was, until) !== isMet(is, until) || cannotBeMet(was, until) !== cannotBeMet(is, until);

export const inOrder = (places: Iterable<number>): readonly number[] => [...places].sort((a, b) => a - b);

export function namesAt({ members }: FleetSpec, places: Iterable<number>): readonly string[] {
  return Array.from(places, (place) => members[place]?.name ?? '');
}
