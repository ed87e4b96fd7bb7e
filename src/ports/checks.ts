/** Asks the world whether a run is ready, or well. */
import type { Answer } from '../core/check/answer.ts';
import type { Check } from '../core/check/check.ts';
import type { PortRules } from '../core/check/listening.ts';
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import type { Refusal } from '../core/process/exit.ts';
import type { HeldDescriptor } from './descriptors.ts';

/** One run that is checked. */
export interface Subject {
  readonly instance: InstanceSpec;
  readonly run: number;
  readonly pid: number;
  /** Where it runs. */
  readonly root: string;
  readonly ports: Omit<PortRules, 'named'>;
  /** What was opened for it before it was started. */
  readonly endpoints?: Endpoints;
}

/** What a program is given by which it says that it is ready. */
export interface Endpoints {
  readonly env: Readonly<Record<string, string>>;
  readonly descriptors: readonly { readonly at: number; readonly end: HeldDescriptor }[];
  /** Its script, with what limits it before it begins. Default: as it is. */
  readonly confine?: (script: string, env: Readonly<Record<string, string>>) => string;
  /** Idempotent. What is said later reaches nobody. */
  close(): void;
}

export interface Prober {
  /**
   * `false`: this system does not tell on what a tree listens. Then `listening` is not asked, nor `tcp` without a host and
   * `http` without one, and nothing is to be watched.
   */
  readonly seesSockets: boolean;
  /** The first and the last port that the kernel chooses by itself. */
  readonly ephemeral: readonly [number, number];
  /** Before a start, for those of the checks that need it: `notify` and `fd`. */
  open(instance: InstanceSpec, checks: readonly Check[]): Promise<Endpoints | Refusal>;
  /**
   * In later turns of the event loop: to `listening`, `tcp`, `http` and `exec` one answer; to `log`, `notify` and `fd`
   * an answer whenever there is something to say. What was said to the endpoints before the call counts as well. None
   * comes after the returned function was called, which takes back whatever the question has begun.
   */
  ask(check: Check, subject: Subject, tell: (answer: Answer) => void): () => void;
  /** Calls back when its tree listens on other sockets than before, until the returned function is called. */
  watch(subject: Subject, changed: () => void): () => void;
  close(): void;
}

/** Passes the output of an instance to the checks that wait for it. */
export interface OutputWatch {
  /**
   * `write` gets the bytes of the latest run of `name` as they were read, valid during the call only, until the returned
   * function is called. A run before it that still writes is not heard. During the call nothing may be printed or told:
   * lines of our own go through the same buffer.
   */
  watch(name: string, write: (bytes: Uint8Array) => void): () => void;
}
