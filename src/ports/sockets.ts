/** The sockets that a supervisor keeps for its processes: what others ask of them. */
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import type { Refusal } from '../core/process/exit.ts';
import type { KeptSocket, SocketPlan } from '../core/sockets/socket-plan.ts';
import type { HeldDescriptor } from './descriptors.ts';
import type { Listener } from './listeners.ts';

/** What one run is given. */
export interface GivenSockets {
  readonly env: Readonly<Record<string, string>>;
  readonly descriptors: readonly { readonly at: number; readonly end: HeldDescriptor }[];
  /** Of the first that has one. */
  readonly port: number | undefined;
}

export interface Sockets {
  /** Opens those of all these that are not open yet. What is refused is tried again before a start. */
  openAll(instances: readonly InstanceSpec[]): Promise<void>;
  /** Its own, opened or bound anew where they have to be. */
  open(instance: InstanceSpec): Promise<readonly Listener[] | Refusal>;
  /** Those that are open. */
  listeners(instance: InstanceSpec): readonly Listener[];
  /** Before a start. */
  give(instance: InstanceSpec): Promise<GivenSockets | Refusal>;
  /** Its program has been started. */
  began(instance: InstanceSpec, given: GivenSockets): void;
  /** It has ended, or was not started. */
  ended(instance: InstanceSpec, given: GivenSockets): void;
  /** These are all that there are: what none of them names is closed. */
  keepFor(instances: Iterable<InstanceSpec>): void;
  /** PROCSUP_WEB_PORT of those whose port was chosen by the kernel. */
  variables(): Readonly<Record<string, string>>;
  /** Those of a process that are open. */
  of(process: string, sockets: readonly SocketPlan[]): readonly KeptSocket[];
  /** Removes the paths as well. */
  close(): void;
}
