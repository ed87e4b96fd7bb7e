/**
 * Which members have to be looked at again when something has changed. What a member may do depends on itself, on the
 * processes that it needs and that need it, by their counts, on its neighbours in a pipeline, and in a stop on the processes
 * after its own; so it has to ask again when one of these has changed, and only then.
 */
import { Agenda, inOrder } from './agenda.ts';
import { cannotBeMet, isHeld, isMet, type Tally } from './counts.ts';
import type { FleetSpec, MemberSpec } from './spec.ts';
import type { Member } from './member.ts';

export class Looks {
  readonly toDoom = new Agenda('ascending');
  /** The last is stopped first. */
  readonly toLower = new Agenda('descending');
  readonly toRaise = new Agenda('ascending');
  readonly toRoll = new Agenda('ascending');
  /** Places of those that this step has changed; and of those that have ended since it was last asked. */
  readonly #touched: number[] = [];
  #news: number[] = [];
  readonly #isThorough: boolean;

  /** Thorough: everybody is looked at, at first and after every change. */
  constructor(isThorough: boolean) {
    this.#isThorough = isThorough;
  }

  get areDue(): boolean {
    const agendas = [this.toDoom, this.toLower, this.toRaise, this.toRoll];
    return this.#news.length > 0 || agendas.some(({ isEmpty }) => !isEmpty);
  }

  /** In the order of the members. */
  get touched(): readonly number[] {
    return inOrder(this.#touched);
  }

  /** `is`: what it has become; undefined if it has been dropped. */
  changed(spec: FleetSpec, place: number, is: Member | undefined): void {
    if (this.#isThorough) return this.everybody(spec);
    this.#touched.push(place);
    const member = spec.members[place];
    if (member === undefined) return;
    if (is !== undefined) this.#lookAt(place, is, member);
    if (member.stage === undefined) return;
    for (const other of spec.neighbours.get(member.name) ?? []) this.#look(spec.places.get(other));
  }

  /** The counts of a process that others need: its dependents go by them, and its instances. */
  counted(spec: FleetSpec, needed: number, was: Tally, is: Tally): void {
    const process = spec.needed[needed];
    if (process === undefined) return;
    process.dependents.forEach((places, until) => {
      const isNews = cannotBeMet(was, until) !== cannotBeMet(is, until);
      if (isNews) this.toDoom.addAll(places);
      // What is not required may be started without it.
      if (isNews || isMet(was, until) !== isMet(is, until)) this.#lookAtWants(places);
    });
    if (isHeld(was) !== isHeld(is)) this.#lookAtWants(process.instances);
  }

  /** All later processes have ended. */
  turnOf(spec: FleetSpec, last: number): void {
    this.toLower.addAll(spec.processes[last]?.places ?? []);
  }

  everybody({ members }: FleetSpec): void {
    for (const place of members.keys()) {
      this.#touched.push(place);
      this.#news.push(place);
      this.#look(place);
    }
  }

  /** In the order of the members. */
  takeNews(): readonly number[] {
    const news = this.#news;
    if (news.length > 0) this.#news = [];
    return inOrder(news);
  }

  /** Only for what can concern it: most changes concern nothing. */
  #lookAt(
    place: number,
    { goal, awaitsNeeds, process: { phase, want }, toRoll, beside }: Member,
    { needs, stage }: MemberSpec,
  ): void {
    const isUp = goal === 'up';
    const isIdle = phase.name === 'idle';
    if (phase.name === 'exited' || phase.name === 'failed') this.#news.push(place);
    if (isUp && isIdle && needs.length > 0) this.toDoom.add(place);
    if (!isUp || awaitsNeeds || stage !== undefined || (isIdle && want !== 'down')) this.toLower.add(place);
    if (isUp && want !== 'up') this.toRaise.add(place);
    if (toRoll || beside !== null) this.toRoll.add(place);
  }

  #lookAtWants(places: readonly number[]): void {
    this.toLower.addAll(places);
    this.toRaise.addAll(places);
  }

  #look(place: number | undefined): void {
    if (place === undefined) return;
    this.toDoom.add(place);
    this.toLower.add(place);
    this.toRaise.add(place);
    this.toRoll.add(place);
  }
}

export function namesAt({ members }: FleetSpec, places: readonly number[]): readonly string[] {
  return places.map((place) => members[place]?.name ?? '');
}
