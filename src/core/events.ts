/**
 * Everything that can happen to a supervisor and its processes, as one union. The journal keeps events; `events`, `why`,
 * the JSON and the `system` lines of the log show them. A new feature adds its members here. The compiler then names the
 * two places that must know them: the words (`ui/event-text.ts`) and the place in `why` (`core/why.ts`).
 *
 * An `Event` is a fact to be told. `ProcessEvent` and `FleetEvent` are something else: the inputs of the two machines.
 */
import type { WatchedKind } from './limits/limits.ts';
import type { Awaited } from './plan/process-plan.ts';
import type { Exit } from './process/exit.ts';
import type { HookName } from './process/hook.ts';
import type { SignalName } from './process/signals.ts';
import type { WatchCause } from './watch/cause.ts';

export type Event = InstanceEvent | SupervisorEvent | ExchangeEvent;
export type EventType = Event['type'];
export type EventOf<Type extends EventType> = Extract<Event, { readonly type: Type }>;

/** Something has happened to the instance `name`. */
export type InstanceEvent = { readonly name: string } & InstanceFact;

/** As the machine of an instance tells it, which does not know its own name. */
export type InstanceFact =
  | { readonly type: 'started'; readonly run: number; readonly pid: number }
  | { readonly type: 'refused'; readonly exit: Exit }
  /** `asked`: it was being stopped. */
  | { readonly type: 'exited'; readonly run: number; readonly exit: Exit; readonly asked: boolean }
  /** `isUsual`: nobody has said how it is to be found out. */
  | { readonly type: 'ready'; readonly run: number; readonly afterMs: number; readonly isUsual: boolean }
  /** It is stopped for that: it was not ready in time, or its start failed, or it is not healthy any more. */
  | { readonly type: 'unready'; readonly exit: Exit; readonly isUnhealthy: boolean }
  /** It has been asked for long whether it is ready. `words`: what is missing. */
  | { readonly type: 'not-ready-yet'; readonly words: string }
  /** Its health checks have failed too often in a row, or succeed again. `words`: what the last one has seen. */
  | { readonly type: 'unhealthy'; readonly words: string }
  | { readonly type: 'healthy' }
  /** Its tree uses more than its limit, for so long, and `action` follows; or less again, after a warning. */
  | ({
      readonly type: 'over-limit';
      readonly lastedMs: number;
      readonly action: 'warn' | 'restart' | 'stop';
    } & LimitFact)
  | ({ readonly type: 'within-limit' } & LimitFact)
  /**
   * The kernel has kept a limit of its control group so many times: of `memory` it has killed processes, of `processes` it
   * has not let it start more.
   */
  | {
      readonly type: 'limit-kept';
      readonly limit: 'memory' | 'processes';
      readonly max: number;
      readonly count: number;
    }
  /** The kernel has killed it for want of memory, or one process of this machine in that moment. */
  | { readonly type: 'out-of-memory'; readonly isCertain: boolean }
  /** It draws on the whole screen of its terminal: what it draws is not logged. */
  | { readonly type: 'drawing' }
  /** It succeeded so soon that the end of its stdin may be the reason. */
  | { readonly type: 'stdin-was-empty' }
  /** A command that is run around its runs has failed, or has taken too long. A failed pre_start is a refusal. */
  | { readonly type: 'hook-failed'; readonly hook: HookName; readonly words: string }
  /** By its schedule it was due at this ISO time, and still runs: that time is left out. */
  | { readonly type: 'schedule-skipped'; readonly due: string }
  /** The same, but it is started when it has ended. */
  | { readonly type: 'schedule-queued'; readonly due: string }
  /**
   * So many of its scheduled times have passed, the first at this ISO time, while nothing could be started. `last`: they
   * passed while no supervisor was running, the last one then.
   */
  | {
      readonly type: 'schedule-missed';
      readonly first: string;
      readonly last?: string;
      readonly count: number;
    }
  /** It has ended by itself, and is started again when its files change. */
  | { readonly type: 'awaits-change' }
  /** A command that was run because files have changed has failed, or has taken too long. */
  | { readonly type: 'watch-failed'; readonly command: string; readonly words: string }
  /** The program has ended and left something behind in its process group. */
  | { readonly type: 'clearing' }
  /** The program has ended at once and with success, and another one lives on in a session of its own. */
  | { readonly type: 'daemonized'; readonly program: string; readonly pid: number }
  /** `asked`: it was to stop before, and did not; else it may have waited for others that are stopped first. */
  | { readonly type: 'killing'; readonly asked: boolean }
  | RollFact
  /** Its restart policy brings it back. */
  | { readonly type: 'restarting'; readonly delayMs: number; readonly restarts: number }
  | { readonly type: 'gave-up'; readonly restarts: number; readonly withinMs: number }
  /** It is not started, because something it needs has failed. */
  | { readonly type: 'doomed'; readonly exit: Exit }
  /** It is to run, and waits for what it needs. */
  | { readonly type: 'waiting'; readonly needs: readonly Awaited[] }
  /** It is started, because `by` needs it. */
  | { readonly type: 'needed'; readonly by: string }
  /** A process that it needs does not run on: it is stopped, or restarted as soon as its needs are met again. */
  | { readonly type: 'followed'; readonly need: string; readonly how: 'restart' | 'stop' }
  | { readonly type: 'unkillable'; readonly pid: number }
  /** Something about a socket that is kept for it. `socket`: its name in procsup.yaml. */
  | { readonly type: 'socket-remark'; readonly socket: string; readonly words: string }
  /** Something else listens on the PORT that it was given. Without a pid: a process that we may not look at. */
  | {
      readonly type: 'port-taken';
      readonly port: number;
      readonly pid?: number;
      /** `node` */
      readonly command?: string;
      /** `web.1 of ../other`: a process of another project that runs. */
      readonly owner?: string;
      /** The port was chosen by `-p auto`. */
      readonly isAuto: boolean;
    };

/** Of a rolling restart. */
export type RollFact =
  /** The new run begins beside the old one, whose program is `pid`. */
  | { readonly type: 'rolling'; readonly run: number; readonly pid: number }
  /** The new run, `by`, is ready: the old one, `pid`, is stopped. */
  | { readonly type: 'replaced'; readonly pid: number; readonly by: number }
  /** The new run was not ready, for the reason `exit`: the old one, `pid`, runs on. */
  | { readonly type: 'roll-failed'; readonly run: number; readonly pid: number | null; readonly exit?: Exit };

/** In bytes, cores or processes. */
interface LimitFact {
  readonly limit: WatchedKind;
  readonly used: number;
  readonly max: number;
}

export type SupervisorEvent =
  | {
      readonly type: 'requested';
      readonly verb: Verb;
      readonly names: readonly string[];
      readonly cause: Cause;
    }
  | {
      readonly type: 'signalled';
      readonly signal: SignalName;
      readonly names: readonly string[];
      readonly cause: Cause;
    }
  /** A pool is given up: its workers, `names`, are stopped. */
  | {
      readonly type: 'pool-failed';
      readonly pool: string;
      readonly names: readonly string[];
      readonly reason: string;
    }
  /** A command is run beside them, because files have changed. */
  | {
      readonly type: 'watch-command';
      readonly command: string;
      readonly names: readonly string[];
      readonly cause: Cause;
    }
  /** They seem to write these files themselves, and are not restarted for them. */
  | { readonly type: 'watch-loop'; readonly names: readonly string[]; readonly files: readonly string[] }
  /** The system cannot watch so many directories: of `directories` so many are polled. */
  | {
      readonly type: 'watch-limited';
      readonly directories: number;
      readonly polled: number;
      readonly remedy: string;
    }
  /** What watches files cannot be loaded. */
  | { readonly type: 'watch-unavailable'; readonly reason: string }
  | { readonly type: 'scaled'; readonly counts: Readonly<Record<string, number>>; readonly cause: Cause }
  | {
      readonly type: 'reloaded';
      readonly added: readonly string[];
      readonly removed: readonly string[];
      readonly changed: readonly string[];
      readonly cause: Cause;
    }
  /** Shared memory, a file that programs map. */
  | {
      readonly type: 'memory-created';
      readonly memory: string;
      readonly bytes: number;
      readonly cause: Cause;
    }
  | { readonly type: 'memory-removed'; readonly memory: string; readonly cause: Cause }
  /** The run ends. `living`: the names of those that have to be stopped. */
  | { readonly type: 'closing'; readonly cause: ClosingCause; readonly living: readonly string[] }
  /** A Ctrl-C while it ends for another reason. */
  | { readonly type: 'interrupted'; readonly living: readonly string[] }
  /** A second Ctrl-C. */
  | { readonly type: 'hurried' }
  | PreviousEnd
  /** At the end: processes that had left their groups and were still running, and those that could not be stopped. */
  | { readonly type: 'strays-stopped'; readonly pids: readonly number[] }
  | { readonly type: 'strays-left'; readonly pids: readonly number[] }
  /** They could not be searched for. */
  | { readonly type: 'strays-unknown'; readonly reason: string }
  /** Somebody had removed the files of our lock. */
  | { readonly type: 'lock-renewed' }
  /** The directory of the locks or of the socket is not as it should be. */
  | { readonly type: 'directory-unsafe'; readonly reason: string }
  | { readonly type: 'control-unavailable'; readonly reason: string }
  /** Our own output cannot be written for now. */
  | { readonly type: 'output-stuck'; readonly reason: string }
  /** Output can no longer be written to the log files, and what became of it when it could again. */
  | { readonly type: 'logs-lost'; readonly reason: string }
  | { readonly type: 'logs-recovered'; readonly lostBytes: number }
  | { readonly type: 'guardian-lost' }
  /** What knows when scheduled processes are due cannot be loaded. */
  | { readonly type: 'schedules-unavailable'; readonly reason: string }
  /** What looks at the limits of processes cannot be loaded. */
  | { readonly type: 'limits-unavailable'; readonly reason: string }
  /** Limits that the kernel was to keep are only looked at. */
  | { readonly type: 'limits-not-enforced'; readonly reason: string }
  /** Processes became our children and ended, and we cannot reap them. */
  | { readonly type: 'orphans-unreaped' };

/** Something has happened to what processes exchange. It is about no instance. */
export type ExchangeEvent =
  /** A message has gone to the dead letters after so many attempts, the last of which failed for this reason. */
  | {
      readonly type: 'message-dead';
      readonly queue: string;
      readonly id: string;
      readonly attempts: number;
      readonly reason: string;
    }
  /** So many more, which came too fast to be told one by one, of these queues. */
  | { readonly type: 'messages-dead'; readonly queues: readonly string[]; readonly count: number }
  | QueueChange<'queue-paused'>
  | QueueChange<'queue-resumed'>
  | QueueChange<'queue-removed'>
  | { readonly type: 'queue-drained'; readonly queue: string; readonly count: number; readonly cause: Cause }
  /** Its holder ended without releasing it. */
  | {
      readonly type: 'lock-abandoned';
      readonly lock: string;
      readonly pid?: number;
      readonly command?: string;
    }
  | { readonly type: 'locks-abandoned'; readonly locks: readonly string[]; readonly count: number }
  /** Why messages are not kept on disk, or what the disk has lost: a sentence. */
  | { readonly type: 'store-remark'; readonly reason: string }
  /** No more messages can be stored, and that they can again. */
  | { readonly type: 'store-full'; readonly reason: string }
  | { readonly type: 'store-recovered' };

interface QueueChange<Type extends string> {
  readonly type: Type;
  readonly queue: string;
  readonly cause: Cause;
}

/** The supervisor before this one did not end orderly. */
export interface PreviousEnd {
  readonly type: 'previous-ended';
  readonly pid: number;
  /** When it was started, as an ISO time. */
  readonly since: string;
  /** `killed`: by SIGKILL, for want of memory, or by a defect of its own. */
  readonly how: 'killed' | 'machine-restarted';
  /** Processes of it that had to be ended now. */
  readonly leftovers: readonly number[];
}

/** What instances can be asked for. */
export type Verb = 'start' | 'stop' | 'restart';

/** What made something happen. */
export type Cause =
  | Asker
  /** Part of a larger change. */
  | { readonly by: 'scale' | 'reload'; readonly asker: Asker }
  /** The supervisor starts what it was started for. */
  | { readonly by: 'start' }
  /** It is due by its schedule, at this ISO time. */
  | { readonly by: 'schedule'; readonly due: string }
  | WatchCause
  /** The pool whose worker it is: what is the matter with that worker, or with the whole pool. */
  | { readonly by: 'pool'; readonly why: string }
  /** Its sockets: a client has come, or none for long. `why`: `a connection to port 3000`, `no connection for 10m`. */
  | { readonly by: 'socket'; readonly why: string }
  | { readonly by: 'policy' }
  | ClosingCause;

/** Who can ask for a change. */
export type Asker =
  /** A client at the control socket. Without `client` it has said nothing about itself. */
  | { readonly by: 'request'; readonly client?: ClientInfo }
  /** The program that has the supervisor in it. */
  | { readonly by: 'library' }
  /** A signal to the supervisor. */
  | { readonly by: 'signal'; readonly signal: SignalName };

/** Why the whole run ends. */
export type ClosingCause =
  | Asker
  | { readonly by: 'exit'; readonly name: string; readonly exit: Exit }
  /** The lock was removed, and another supervisor (`pid`) has the project by now. */
  | { readonly by: 'lock-taken'; readonly pid: number }
  /** Nobody reads our output any more. */
  | { readonly by: 'reader-gone' };

/** What a client says about itself. It may say anything: it is shown, and nothing depends on it. */
export interface ClientInfo {
  /** `procsup stop web` */
  readonly command?: string;
  readonly pid?: number;
  readonly user?: string;
}

export function causeOf(event: Event): Cause | undefined {
  if ('cause' in event) return event.cause;
  return event.type === 'restarting' ? { by: 'policy' } : undefined;
}

const OF_EXCHANGE: { readonly [Type in ExchangeEvent['type']]: true } = {
  ...{ 'message-dead': true, 'messages-dead': true, 'queue-paused': true, 'queue-resumed': true },
  ...{ 'queue-removed': true, 'queue-drained': true, 'lock-abandoned': true, 'locks-abandoned': true },
  ...{ 'store-remark': true, 'store-full': true, 'store-recovered': true },
};

const isOfExchange = (event: Event): event is ExchangeEvent => event.type in OF_EXCHANGE;

/** The instances that it is about. Undefined: it is about all. */
export function namesIn(event: Event): readonly string[] | undefined {
  if (isOfExchange(event)) return [];
  if ('name' in event) return [event.name];
  return 'names' in event ? event.names : undefined;
}
