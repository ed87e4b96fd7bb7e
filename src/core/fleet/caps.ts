/**
 * Caps: named amounts that members and clients use together, as systemd's slices have them. What would go beyond the soft cap
 * waits, in one queue for all caps, and is served in the order in which it began to wait: what lacks one cap keeps that cap
 * from all after it, and no other. What would go beyond the hard cap, with those that wait already, is refused.
 *
 * A member uses its caps from its start until it has ended for good or is stopped, also while it waits for its restart.
 */
import type { AwaitedCap, CapSpec, CapUse } from '../plan/process-plan.ts';
import { JUDGED, type Refusal } from '../process/exit.ts';
import { isDown, isUnkillable } from '../process/state.ts';
import type { Member } from './member.ts';
import type { FleetSpec, MemberSpec } from './spec.ts';

/** Something that asks for caps: a member by its name, or a client by the number of its claim. */
export type CapUser = { readonly member: string } | { readonly claim: number };

export interface Claim {
  /** As it is shown to others that wait. */
  readonly name: string;
  readonly uses: readonly CapUse[];
}

export interface Caps {
  /** By cap: what members use, without claims. */
  readonly used: ReadonlyMap<string, number>;
  /** By number: the claims that are granted, and those that wait. */
  readonly claims: ReadonlyMap<number, Claim & { readonly isGranted: boolean }>;
  readonly queue: readonly CapUser[];
}

export const NO_CAPS: Caps = { used: new Map(), claims: new Map(), queue: [] };

/** What of the state is asked here. */
export interface Capped {
  readonly spec: FleetSpec;
  readonly members: { get(name: string): Member | undefined };
  readonly caps: Caps;
}

/** Both runs of a rolling restart use what the member uses, once. */
export function isUsing({ process: { phase }, beside }: Member): boolean {
  return !isDown(phase) || isUnkillable(phase) || beside !== null;
}

/** The same if nothing has changed for it. */
export function withMember(
  caps: Caps,
  spec: MemberSpec,
  was: Member | undefined,
  is: Member | undefined,
): Caps {
  const by = Number(is !== undefined && isUsing(is)) - Number(was !== undefined && isUsing(was));
  const mayWait = is !== undefined && is.goal === 'up' && is.process.phase.name === 'idle';
  const queue = mayWait ? caps.queue : without(caps.queue, { member: spec.name });
  if (by === 0) return queue === caps.queue ? caps : { ...caps, queue };
  const used = new Map(caps.used);
  for (const { cap, amount } of spec.uses ?? []) used.set(cap, (used.get(cap) ?? 0) + by * amount);
  return { ...caps, used, queue };
}

export const isQueued = ({ queue }: Caps, user: CapUser): boolean =>
  queue.some((other) => isSame(other, user));

export const queued = (caps: Caps, user: CapUser): Caps => ({ ...caps, queue: [...caps.queue, user] });

/** The same if it was not there. */
export function unqueued(caps: Caps, user: CapUser): Caps {
  const queue = without(caps.queue, user);
  return queue === caps.queue ? caps : { ...caps, queue };
}

function without(queue: readonly CapUser[], user: CapUser): readonly CapUser[] {
  return queue.some((other) => isSame(other, user)) ? queue.filter((other) => !isSame(other, user)) : queue;
}

function isSame(one: CapUser, other: CapUser): boolean {
  if ('claim' in one) return 'claim' in other && one.claim === other.claim;
  return 'member' in other && one.member === other.member;
}

/** The first in the queue that may have what it asks for. */
export function nextGranted(state: Capped): CapUser | undefined {
  const { spec, caps } = state;
  const lacking = new Set<string>();
  for (const user of caps.queue) {
    const uses = usesOf(state, user);
    const short = uses.filter(({ cap, amount }) => lacking.has(cap) || amount > roomOf(state, cap));
    if (short.length === 0) return user;
    for (const { cap } of short) lacking.add(cap);
    if (lacking.size === spec.caps.size) return undefined;
  }
  return undefined;
}

function roomOf({ spec, caps }: Capped, cap: string): number {
  return (spec.caps.get(cap)?.soft ?? Infinity) - inUse(caps, cap);
}

function inUse({ used, claims }: Caps, cap: string): number {
  let amount = used.get(cap) ?? 0;
  for (const { isGranted, uses } of claims.values()) if (isGranted) amount += amountOf(uses, cap);
  return amount;
}

const amountOf = (uses: readonly CapUse[], cap: string): number =>
  uses.find((use) => use.cap === cap)?.amount ?? 0;

function usesOf({ spec, caps }: Pick<Capped, 'spec' | 'caps'>, user: CapUser): readonly CapUse[] {
  return ('claim' in user ? caps.claims.get(user.claim)?.uses : spec.byName.get(user.member)?.uses) ?? [];
}

/** Why something is not even to wait: a cap that it does not know, that is too small for it, or whose hard limit is reached. */
export function refusalOf(state: Capped, uses: readonly CapUse[]): Refusal | undefined {
  for (const { cap, amount } of uses) {
    const limits = state.spec.caps.get(cap);
    const problem = limits === undefined ? `unknown cap '${cap}'` : capProblem(state, limits, amount);
    if (problem !== undefined) return { by: 'refusal', error: JUDGED.capFull, message: problem };
  }
  return undefined;
}

function capProblem(state: Capped, { name, soft, hard }: CapSpec, amount: number): string | undefined {
  if (amount > soft) return `it uses ${String(amount)} of cap '${name}', which allows ${String(soft)}`;
  const waiting = state.caps.queue.map((user) => amountOf(usesOf(state, user), name));
  const asked = waiting.reduce((sum, some) => sum + some, inUse(state.caps, name));
  if (asked + amount <= hard) return undefined;
  const names = namesUsing(state, name).join(', ');
  return `cap '${name}' is full (hard limit ${String(hard)}): ${names}`;
}

/** Those that use a cap, then those that wait for it. */
function namesUsing(state: Capped, cap: string): readonly string[] {
  return [...holdersOf(state, cap), ...waitingFor(state, cap).map((user) => nameOf(state, user))];
}

function nameOf({ caps }: Capped, user: CapUser): string {
  return 'member' in user ? user.member : (caps.claims.get(user.claim)?.name ?? '');
}

/** The names of those that use it now: members in their order, then clients. */
export function holdersOf({ spec, members, caps }: Capped, cap: string): readonly string[] {
  const users = spec.capUsers.get(cap) ?? [];
  const holding = users.filter((name) => {
    const member = members.get(name);
    return member !== undefined && isUsing(member);
  });
  const clients = [...caps.claims.values()].filter(
    ({ isGranted, uses }) => isGranted && amountOf(uses, cap) > 0,
  );
  return [...holding, ...clients.map(({ name }) => name)];
}

/** A cap as it is shown. The field names are public. */
export interface CapSnapshot {
  readonly name: string;
  readonly soft: number;
  /** null: there is none. */
  readonly hard: number | null;
  readonly used: number;
  /** Names of those that use it, and of those that wait for it in their order. */
  readonly usedBy: readonly string[];
  readonly waiting: readonly string[];
}

export function capSnapshots(state: Capped): readonly CapSnapshot[] {
  return [...state.spec.caps.values()].map(({ name, soft, hard }) => ({
    ...{ name, soft, hard: hard === Infinity ? null : hard, used: inUse(state.caps, name) },
    usedBy: holdersOf(state, name),
    waiting: waitingFor(state, name).map((user) => nameOf(state, user)),
  }));
}

const waitingFor = (state: Capped, cap: string): readonly CapUser[] =>
  state.caps.queue.filter((user) => amountOf(usesOf(state, user), cap) > 0);

/** What a member in the queue waits for: the caps without room for it, or all of its own if others are only before it. */
export function awaitedCaps(state: Capped, member: MemberSpec): readonly AwaitedCap[] {
  const uses = member.uses ?? [];
  if (uses.length === 0 || !isQueued(state.caps, { member: member.name })) return [];
  const short = uses.filter(({ cap, amount }) => amount > roomOf(state, cap));
  return (short.length === 0 ? uses : short).map(({ cap }) => ({ cap, usedBy: holdersOf(state, cap) }));
}

/** After a change of the members' list or of the caps: counted anew, and only those wait that are still there. */
export function recounted(spec: FleetSpec, members: Capped['members'], before: Caps): Caps {
  if (spec.capUsers.size === 0 && before === NO_CAPS) return NO_CAPS;
  const used = new Map<string, number>();
  for (const { name, uses = [] } of spec.members) {
    const member = uses.length > 0 ? members.get(name) : undefined;
    if (member === undefined || !isUsing(member)) continue;
    for (const { cap, amount } of uses) used.set(cap, (used.get(cap) ?? 0) + amount);
  }
  const queue = before.queue.filter(
    (user) => 'claim' in user || (members.get(user.member)?.goal === 'up' && spec.byName.has(user.member)),
  );
  return { ...before, used, queue };
}
