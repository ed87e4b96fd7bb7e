/** All instances of an application together: the words that `step.ts` speaks. */
import type { ClosingCause, Event, Verb } from '../events.ts';
import type { StageSpec } from '../plan/app-spec.ts';
import type { Need } from '../plan/process-plan.ts';
import type { Exit } from '../process/exit.ts';
import {
  NEW_PROCESS,
  type ProcessEffect,
  type ProcessEvent,
  type ProcessSpec,
  type ProcessState,
} from '../process/state.ts';
import type { SignalName } from '../process/signals.ts';
import type { Ticket, TicketResult } from './tickets.ts';

export type { Need };

export interface MemberSpec extends ProcessSpec {
  /** `web.1` */
  readonly name: string;
  /** `web` */
  readonly process: string;
  readonly needs: readonly Need[];
  /** Its neighbours, if it is a stage of a pipeline; `process` is then the pipeline. */
  readonly stage?: Pick<StageSpec, 'upstream' | 'downstream'>;
}

/** `stop`: the first process that ends for good ends the run. `keep`: the run lasts until all have ended. */
export type OnExit = 'stop' | 'keep';

export interface FleetSpec {
  readonly members: readonly MemberSpec[];
  readonly onExit: OnExit;
  /** A daemon: the run lasts until it is closed, whoever has ended. */
  readonly resident: boolean;
  readonly byName: ReadonlyMap<string, MemberSpec>;
  /** By process: its instances, and the members that need it. Kept because each event asks for them. */
  readonly instances: ReadonlyMap<string, readonly MemberSpec[]>;
  readonly dependents: ReadonlyMap<string, readonly MemberSpec[]>;
}

/** Members keep their order; needs must be free of cycles (`startOrder` tells). */
export function fleetSpec(members: readonly MemberSpec[], onExit: OnExit, resident = false): FleetSpec {
  const needed = new Set(members.flatMap(({ needs }) => needs.map((need) => need.process)));
  const whoNeeds = (process: string) =>
    members.filter(({ needs }) => needs.some((need) => need.process === process));
  return {
    members,
    onExit,
    resident,
    byName: new Map(members.map((member) => [member.name, member])),
    instances: new Map(
      [...needed].map((process) => [process, members.filter((one) => one.process === process)]),
    ),
    dependents: new Map([...needed].map((process) => [process, whoNeeds(process)])),
  };
}

export interface Member {
  /** What was asked for; the process's own `want` follows as soon as needs and dependents allow. */
  readonly goal: 'up' | 'down';
  readonly process: ProcessState;
  /** It is no longer among the members that are wanted, and dropped as soon as nothing of it lives. */
  readonly departing: boolean;
  /** Its runs count on from this number, which is 0 for the first members. */
  readonly runsBefore: number;
}

/** Why the whole run ends. The first cause wins. */
export type Cause = ClosingCause;

export interface Closing {
  readonly cause: Cause;
  /** What the processes are stopped with. */
  readonly signal: SignalName;
  /** When the last Ctrl-C came, in milliseconds. */
  readonly interruptedAt: number | null;
  /** A second Ctrl-C has come. */
  readonly hurried: boolean;
  /** The names of those that had to be stopped when it began. */
  readonly living: readonly string[];
}

/** The highest numbers of runs and of timers. */
export interface Numbers {
  readonly run: number;
  readonly timer: number;
}

export interface FleetState {
  /** Those who are departing stand last, as they were when they were still wanted. */
  readonly spec: FleetSpec;
  readonly members: ReadonlyMap<string, Member>;
  readonly tickets: readonly Ticket[];
  readonly closing: Closing | null;
  /** How the first process that failed for good had ended. */
  readonly firstFailure: Exit | null;
  readonly finished: boolean;
  /** Of all members that were dropped. A newcomer counts on, so that nothing late is taken for its own. */
  readonly dropped: Numbers;
}

/** The inputs of the machine; what is told to people is an `Event` of `core/events.ts`. */
export type FleetEvent =
  | {
      readonly type: 'request';
      readonly ticket: number;
      readonly verb: Verb;
      readonly names: readonly string[];
    }
  /** End the run. A SIGINT during the end is a second Ctrl-C, unless it follows the first too closely. */
  | { readonly type: 'close'; readonly cause: Cause; readonly signal: SignalName }
  /** The members are these from now on. Newcomers are down until a request starts them; who is not named is stopped. */
  | { readonly type: 'reform'; readonly spec: FleetSpec }
  /** Send a signal to the process groups of those of the names that run. What comes of it is theirs. */
  | { readonly type: 'signal'; readonly names: readonly string[]; readonly signal: SignalName }
  /** Pass a signal on to whatever runs. */
  | { readonly type: 'forward'; readonly signal: SignalName }
  | { readonly type: 'process'; readonly name: string; readonly event: ProcessEvent };

export type FleetEffect =
  | {
      readonly type: 'process';
      readonly name: string;
      readonly effect: Exclude<ProcessEffect, { type: 'record' }>;
    }
  /** Tell that this has happened. */
  | { readonly type: 'record'; readonly event: Event }
  /** Of the pipe that `reader` reads: one end is not to be held any more, so that whoever has the other hears of it. */
  | { readonly type: 'end-writing' | 'end-reading'; readonly reader: string }
  | { readonly type: 'settle'; readonly ticket: number; readonly results: readonly TicketResult[] }
  /** Everything has ended; `status` is ours. Comes once and last. */
  | { readonly type: 'finish'; readonly status: number };

export function newFleet(spec: FleetSpec): FleetState {
  return {
    spec,
    members: new Map(spec.members.map(({ name }) => [name, newMember(NO_NUMBERS)])),
    tickets: [],
    closing: null,
    firstFailure: null,
    finished: false,
    dropped: NO_NUMBERS,
  };
}

const NO_NUMBERS: Numbers = { run: 0, timer: 0 };

export function newMember({ run, timer }: Numbers): Member {
  return { goal: 'down', process: { ...NEW_PROCESS, run, timer }, departing: false, runsBefore: run };
}
