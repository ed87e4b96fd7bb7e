/** All instances of an application together: the words that `fleet.ts` speaks. */
import type { Exit } from './exit.ts';
import {
  NEW_PROCESS,
  type ProcessEffect,
  type ProcessEvent,
  type ProcessNotice,
  type ProcessSpec,
  type ProcessState,
} from './process-state.ts';
import type { SignalName } from './signals.ts';
import type { Ticket, TicketResult, Verb } from './tickets.ts';

/** What must be true of every instance of another process before this one is started. */
export interface Need {
  readonly process: string;
  readonly until: 'started' | 'ready' | 'succeeded';
}

export interface MemberSpec extends ProcessSpec {
  /** `web.1` */
  readonly name: string;
  /** `web` */
  readonly process: string;
  readonly needs: readonly Need[];
}

/** `stop`: the first process that ends for good ends the run. `keep`: the run lasts until all have ended. */
export type OnExit = 'stop' | 'keep';

export interface FleetSpec {
  readonly members: readonly MemberSpec[];
  readonly onExit: OnExit;
  readonly byName: ReadonlyMap<string, MemberSpec>;
  /** By process: its instances, and the members that need it. Kept because each event asks for them. */
  readonly instances: ReadonlyMap<string, readonly MemberSpec[]>;
  readonly dependents: ReadonlyMap<string, readonly MemberSpec[]>;
}

/** Members keep their order; needs must be free of cycles (`startOrder` tells). */
export function fleetSpec(members: readonly MemberSpec[], onExit: OnExit): FleetSpec {
  const needed = new Set(members.flatMap(({ needs }) => needs.map((need) => need.process)));
  const whoNeeds = (process: string) =>
    members.filter(({ needs }) => needs.some((need) => need.process === process));
  return {
    members,
    onExit,
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
}

/** Why the whole run ends. The first cause wins. */
export type Cause =
  | { readonly by: 'signal'; readonly signal: SignalName }
  | { readonly by: 'exit'; readonly name: string; readonly exit: Exit }
  /** Nobody reads our output any more. */
  | { readonly by: 'reader-gone' };

export interface Closing {
  readonly cause: Cause;
  /** What the processes are stopped with. */
  readonly signal: SignalName;
  /** When the last Ctrl-C came, in milliseconds. */
  readonly interruptedAt: number | null;
  /** A second Ctrl-C has come. */
  readonly hurried: boolean;
}

export interface FleetState {
  readonly members: ReadonlyMap<string, Member>;
  readonly tickets: readonly Ticket[];
  readonly closing: Closing | null;
  /** How the first process that failed for good had ended. */
  readonly firstFailure: Exit | null;
  readonly finished: boolean;
}

export type FleetEvent =
  | {
      readonly type: 'request';
      readonly ticket: number;
      readonly verb: Verb;
      readonly names: readonly string[];
    }
  /** End the run. A SIGINT during the end is a second Ctrl-C, unless it follows the first too closely. */
  | { readonly type: 'close'; readonly cause: Cause; readonly signal: SignalName }
  /** Pass a signal on to whatever runs. */
  | { readonly type: 'forward'; readonly signal: SignalName }
  | { readonly type: 'process'; readonly name: string; readonly event: ProcessEvent };

export type FleetNotice =
  /** `living`: the names of those that have to be stopped. */
  | { readonly type: 'closing'; readonly cause: Cause; readonly living: readonly string[] }
  | { readonly type: 'interrupted'; readonly living: readonly string[] }
  | { readonly type: 'hurried' };

export type FleetEffect =
  | {
      readonly type: 'process';
      readonly name: string;
      readonly effect: Exclude<ProcessEffect, { type: 'notice' }>;
    }
  | { readonly type: 'process-notice'; readonly name: string; readonly notice: ProcessNotice }
  | { readonly type: 'notice'; readonly notice: FleetNotice }
  | { readonly type: 'settle'; readonly ticket: number; readonly results: readonly TicketResult[] }
  /** Everything has ended; `status` is ours. Comes once and last. */
  | { readonly type: 'finish'; readonly status: number };

export function newFleet(spec: FleetSpec): FleetState {
  return {
    members: new Map(spec.members.map(({ name }) => [name, { goal: 'down', process: NEW_PROCESS }])),
    tickets: [],
    closing: null,
    firstFailure: null,
    finished: false,
  };
}
