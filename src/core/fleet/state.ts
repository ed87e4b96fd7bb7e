/** All instances of an application together: the words that `step.ts` speaks. */
import type { ClosingCause, Event, Verb } from '../events.ts';
import type { Exit } from '../process/exit.ts';
import type { CapUse } from '../plan/process-plan.ts';
import { NO_CAPS, recounted, type Caps } from './caps.ts';
import {
  NO_TALLY,
  NO_TOTALS,
  withChange,
  withDependent,
  withInstance,
  type Tally,
  type Totals,
} from './counts.ts';
import type { FleetSpec } from './spec.ts';
import { newMember, NO_NUMBERS, type Member, type Numbers } from './member.ts';
import { OpenTickets } from './open-tickets.ts';
import type { ProcessEffect, ProcessEvent } from '../process/state.ts';
import type { Looks } from './looks.ts';
import type { Circumstances } from '../process/transitions.ts';
import { Roster } from './roster.ts';
import type { SignalName } from '../process/signals.ts';
import type { TicketResult } from './tickets.ts';
import { withTurn, type Turns } from './turns.ts';

export { fleetSpec, type FleetSpec, type MemberSpec, type Need, type OnExit } from './spec.ts';
export { newMember, type Member } from './member.ts';

/** Why the whole run ends. The first cause wins. */
export type Cause = ClosingCause;

export interface Closing {
  readonly cause: Cause;
  /** What the processes are stopped with. */
  readonly signal: SignalName;
  /** Time before SIGKILL, where the request has set one. */
  readonly graceMs: number | null;
  /** When the last Ctrl-C came, in milliseconds. */
  readonly interruptedAt: number | null;
  /** A second Ctrl-C has come. */
  readonly hurried: boolean;
  /** The names of those that had to be stopped when it began. */
  readonly living: readonly string[];
}

export interface FleetState {
  /** Departing members stand last, as they were when they were still wanted, and stay when they have been dropped. */
  readonly spec: FleetSpec;
  readonly members: Roster<Member>;
  readonly totals: Totals;
  /** By process, of those that others need. */
  readonly tallies: Roster<Tally>;
  /** Of all that are being stopped. */
  readonly turns: Turns;
  readonly caps: Caps;
  readonly tickets: OpenTickets;
  readonly closing: Closing | null;
  /** How the first process that failed for good had ended. */
  readonly firstFailure: Exit | null;
  readonly finished: boolean;
  /** Null before the first rolling restart. */
  readonly rolls: Rolls | null;
  /** Of all members that were dropped. A newcomer counts on, so that nothing late is taken for its own. */
  readonly dropped: Numbers;
  /** Names of those that the next step has to look at: members beside them were dropped at the end of the last one. */
  readonly due: readonly string[];
}

/** What a request may say beside its names. */
export interface RequestOptions {
  /** What a start or restart needs: is started with it, or not looked at. Default: `start`. */
  readonly needs?: 'start' | 'ignore' | undefined;
  /** Of a stop or restart: time before SIGKILL. Default: as each spec says. */
  readonly graceMs?: number | undefined;
  /** Of a restart: a run that is ready is stopped when its successor is. Default: as each spec says. */
  readonly rolling?: boolean | undefined;
  /** What carries that out; without it a restart is an ordinary one. */
  readonly rolls?: Rolls | undefined;
}

/** One step of the fleet in the making: no one outside `stepFleet` sees it. */
export interface Draft {
  readonly at: Circumstances;
  /** As it was when the event came. */
  readonly before: FleetState;
  /** In the making. */
  readonly state: { -readonly [Part in keyof FleetState]: FleetState[Part] };
  readonly effects: FleetEffect[];
  readonly looks: Looks;
  /** Of what this step makes of members and counts (see `Slots.with`). */
  readonly maker: object;
  /** Places of those that others need and that do not run on. */
  readonly ends: number[];
  /** Tickets that are to be settled in this step: nothing of them is open any more. */
  readonly answered: number[];
}

/** Rolling restarts (`roll.ts`): a value, for their code is loaded with the first request for one. */
export interface Rolls {
  canRoll(draft: Draft, place: number, asked: boolean | undefined): boolean;
  request(draft: Draft, place: number): void;
  callOff(draft: Draft, place: number): void;
  /** The next step of what is under way. */
  attend(draft: Draft, place: number): void;
  /** Changes the second run, if there is one. */
  step(draft: Draft, place: number, event: ProcessEvent): void;
  /** Whether the event was about a second run, and is done with. */
  take(draft: Draft, place: number, event: ProcessEvent, isBeside: boolean): boolean;
}

/** The inputs of the machine; what is told to people is an `Event` of `core/events.ts`. */
export type FleetEvent =
  | ({
      readonly type: 'request';
      /** Greater than those before. */
      readonly ticket: number;
      readonly verb: Verb;
      readonly names: readonly string[];
    } & RequestOptions)
  /** End the run. A SIGINT during the end is a second Ctrl-C, unless it follows the first too closely. */
  | {
      readonly type: 'close';
      readonly cause: Cause;
      readonly signal: SignalName;
      /** Time before SIGKILL. Default: as each spec says. */
      readonly graceMs?: number | undefined;
    }
  /** The members are these from now on. Newcomers are down until a request starts them; what is not named is stopped. */
  | { readonly type: 'reform'; readonly spec: FleetSpec }
  /** A client asks for an amount of caps, as long as it keeps its claim. Answered by `granted` or `refused`. */
  | {
      readonly type: 'claim';
      /** Greater than those before. */
      readonly claim: number;
      readonly name: string;
      readonly uses: readonly CapUse[];
    }
  /** It has what it asked for no longer, or does not wait for it any more. */
  | { readonly type: 'unclaim'; readonly claim: number }
  /** Send a signal to the process groups of those of the names that run. What comes of it is theirs. */
  | { readonly type: 'signal'; readonly names: readonly string[]; readonly signal: SignalName }
  /** Pass a signal on to whatever runs. */
  | { readonly type: 'forward'; readonly signal: SignalName }
  /** What bears the number of a run is about that one; `isBeside`: a timer of the second run. */
  | {
      readonly type: 'process';
      readonly name: string;
      readonly event: ProcessEvent;
      readonly isBeside?: true;
    };

export type FleetEffect =
  | {
      readonly type: 'process';
      readonly name: string;
      readonly effect: Exclude<ProcessEffect, { type: 'record' }>;
      /** Of its second run. Each of both has at most one timer. */
      readonly isBeside?: true;
    }
  /** Tell that this has happened. */
  | { readonly type: 'record'; readonly event: Event }
  /** Of the pipe that `reader` reads: one end is no longer to be held, so that the stage at the other end notices. */
  | { readonly type: 'end-writing' | 'end-reading'; readonly reader: string }
  | { readonly type: 'settle'; readonly ticket: number; readonly results: readonly TicketResult[] }
  | { readonly type: 'granted'; readonly claim: number }
  | { readonly type: 'refused'; readonly claim: number; readonly message: string }
  /** It was departing and is no member any more. */
  | { readonly type: 'dropped'; readonly name: string }
  /** Everything has ended; `status` is ours. Comes once and last. */
  | { readonly type: 'finish'; readonly status: number };

export function newFleet(spec: FleetSpec): FleetState {
  const member = newMember(NO_NUMBERS);
  return {
    ...manned(spec, () => member, NO_CAPS),
    tickets: new OpenTickets(),
    closing: null,
    firstFailure: null,
    finished: false,
    rolls: null,
    dropped: NO_NUMBERS,
    due: [],
  };
}

export type Manned = Pick<FleetState, 'spec' | 'members' | 'totals' | 'tallies' | 'turns' | 'caps'>;

/** The members of a spec, and all counts from nothing. Undefined: it is no member. */
export function manned(
  spec: FleetSpec,
  memberOf: (name: string) => Member | undefined,
  caps = NO_CAPS,
): Manned {
  const members = spec.members.map(({ name }) => memberOf(name));
  let totals = NO_TOTALS;
  let turns: Turns = { living: Roster.of<number>(spec.rankOf, []), total: 0, last: -1 };
  const maker = {};
  const tallies = spec.needed.map((): Tally => NO_TALLY);
  for (const [place, member] of members.entries()) {
    if (member === undefined) continue;
    totals = withChange(totals, undefined, member);
    turns = withTurn(turns, spec.ranks[place] ?? -1, undefined, member, maker);
    const counts = spec.counts[place];
    const tally = tallies[counts?.own ?? -1];
    if (counts?.own !== undefined && tally !== undefined)
      tallies[counts.own] = withInstance(tally, undefined, member);
    for (const { needed, until } of counts?.needs ?? [])
      tallies[needed] = withDependent(tallies[needed] ?? NO_TALLY, until, undefined, member);
  }
  const roster = Roster.of(spec.places, members);
  return {
    spec,
    members: roster,
    caps: recounted(spec, roster, caps),
    totals,
    turns,
    tallies: Roster.of(spec.neededPlaces, tallies),
  };
}
