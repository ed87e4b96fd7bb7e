/**
 * Has processes started by the first client of their sockets, and stopped when they have none. `core/sockets/demand.ts` decides.
 *
 * Theory of operation: nobody accepts. While a process is down its sockets send SIGURG when a client comes, and then poll(2)
 * tells whether one waits; a look a second is there for what no signal tells, such as a path that was removed. The signal does
 * not say which socket has sent it, so all that wait are asked.
 *
 * While it runs, with `idle`, a look now and then sees connections and waiting clients. One that comes and goes between two
 * looks is told by the signal: it is of the sockets on which a client can be seen then, and if there is none, of all that
 * had none before. So a client may be taken for one of several processes, but is not overlooked. A datagram leaves its time.
 *
 * A stop for want of clients must not meet a client: the process is frozen (SIGSTOP), looked at for the last time, and goes on
 * if it has a client. Else it hears its stop signal before it can accept another one, who waits for the next run.
 */
import type { Cause, Event, Verb } from '../core/events.ts';
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import { isOnDemand, socketsOf, type ServicePlan } from '../core/plan/process-plan.ts';
import type { Refusal } from '../core/process/exit.ts';
import type { RestartPolicy } from '../core/process/restart-policy.ts';
import {
  demandRule,
  NEW_DEMAND,
  stepDemand,
  type DemandEffect,
  type DemandEvent,
  type DemandState,
  type Standing,
} from '../core/sockets/demand.ts';
import { clientWords, idleWords } from '../core/sockets/demand-words.ts';
import type { Clock } from '../ports/clock.ts';
import type { Listener } from '../ports/listeners.ts';
import type { Sockets } from '../ports/sockets.ts';

/** An instance of a process that its clients may start, as it is now. */
export interface AwaitingInstance {
  readonly instance: InstanceSpec;
  readonly standing: Standing;
  readonly hasFailed: boolean;
  /** It is to be up, whatever it is. */
  readonly isWanted: boolean;
  readonly restart: RestartPolicy;
}

export interface DemandOptions {
  readonly clock: Clock;
  readonly sockets: Pick<Sockets, 'open' | 'listeners'>;
  /** None while everything ends. */
  readonly instances: () => readonly AwaitingInstance[];
  readonly ask: (verb: Verb, names: readonly string[], cause: Cause) => Promise<unknown>;
  /** A socket cannot be opened, so nobody can come; undefined: now it can. */
  readonly refused: (names: readonly string[], exit: Refusal | undefined) => void;
  /** Stops what runs of these instances in its tracks, until the returned function is called. */
  readonly freeze: (names: readonly string[]) => () => void;
  /** Calls back when a client may have come, until the returned function is called. */
  readonly onArrival: (listener: () => void) => () => void;
}

export interface Demand {
  /** Instances may have come, gone, started or ended. */
  changed(): void;
  /** What has been told of instances. */
  told(event: Event): void;
  /** It is down, and a client starts it. */
  awaitsClient(name: string): boolean;
  close(): void;
}

interface Kept {
  readonly process: string;
  members: readonly AwaitingInstance[];
  state: DemandState;
  cancel: () => void;
  isRefused: boolean;
  /** While it is down: those that tell of clients. */
  readonly watched: Set<Listener>;
  /** While it is up: those that tell of a client, for they had none at the last look. */
  readonly quiet: Set<Listener>;
}

const LOOK_MS = 1000;

export function createDemand(options: DemandOptions): Demand {
  const { clock, sockets, instances, ask, refused, freeze, onArrival } = options;
  const kept = new Map<string, Kept>();
  /** By instance: whether it was last started or stopped by a request, and not by its clients. */
  const asked = new Map<string, boolean>();
  let stopListening: (() => void) | undefined;
  let isClosed = false;

  const isArmed = ({ instance, isWanted }: AwaitingInstance): boolean =>
    asked.get(instance.name) ?? (isWanted || isOnDemand(instance.plan));

  const step = (one: Kept, event: DemandEvent): void => {
    const [member] = one.members;
    if (member === undefined) return;
    const rule = demandRule((member.instance.plan as ServicePlan).idleMs, member.restart);
    const { state, effects } = stepDemand(rule, one.state, event, clock.now());
    one.state = state;
    for (const effect of effects) perform(one, effect);
  };

  const perform = (one: Kept, effect: DemandEffect): void => {
    switch (effect.type) {
      case 'watch':
        return void watch(one);
      case 'unwatch':
        one.cancel();
        return quieten(one.watched);
      case 'start':
        return start(one);
      case 'look':
        return step(one, { type: 'looked', isBusy: look(one) });
      case 'stop':
        return stop(one);
      case 'wait':
        one.cancel();
        one.cancel = clock.after(effect.ms, () => step(one, { type: 'time' }));
        return;
      case 'cancel':
        one.cancel();
        return quieten(one.quiet);
    }
  };

  const quieten = (listeners: Set<Listener>): void => {
    for (const listener of listeners) listener.announce(false);
    listeners.clear();
  };

  const listenersOf = ({ members }: Kept): readonly Listener[] =>
    members[0] === undefined ? [] : sockets.listeners(members[0].instance);

  const watch = async (one: Kept): Promise<void> => {
    const [member] = one.members;
    if (member === undefined) return;
    const opened = await sockets.open(member.instance);
    if (isClosed || kept.get(one.process) !== one || one.state.is !== 'waiting') return;
    one.cancel();
    one.cancel = clock.after('by' in opened ? member.restart.maxDelayMs : LOOK_MS, () => void watch(one));
    const wasRefused = one.isRefused;
    one.isRefused = 'by' in opened;
    if ('by' in opened) {
      refused(namesOf(one), opened);
      return;
    }
    if (wasRefused) refused(namesOf(one), undefined);
    for (const listener of opened) {
      if (!one.watched.has(listener)) listener.announce(true);
      one.watched.add(listener);
    }
    greet(one);
  };

  /** Starts it if a client waits. Returns whether one does. */
  const greet = (one: Kept): boolean => {
    const hasClient = listenersOf(one).some((listener) => listener.hasClient());
    if (hasClient) step(one, { type: 'client' });
    return hasClient;
  };

  const namesOf = ({ members }: Kept): readonly string[] =>
    members.filter(isArmed).map(({ instance }) => instance.name);

  const start = (one: Kept): void => {
    const plans = socketsOf(one.members[0]?.instance.plan);
    const listeners = listenersOf(one);
    const at = listeners.findIndex((listener) => listener.hasClient());
    const plan = plans[Math.max(at, 0)];
    const why = plan === undefined ? 'a connection' : clientWords(plan, listeners[at]?.port ?? null);
    // Whatever comes of it: a start that is refused at once leaves it as down as it was.
    void ask('start', namesOf(one), { by: 'socket', why }).finally(changed);
  };

  /** Whether it has had a client since the last look. */
  const look = (one: Kept): boolean => {
    let isBusy = false;
    for (const listener of listenersOf(one)) {
      const [hasClient, hasTraffic] = [listener.hasClient(), listener.hasTraffic()];
      // What had a client at the last look has not told of those that came and went since.
      const mayHaveHadOne = !listener.tellsTraffic && !one.quiet.has(listener);
      if (hasClient || hasTraffic || mayHaveHadOne) isBusy = true;
      const isQuiet = !hasClient && !hasTraffic && !listener.tellsTraffic;
      if (isQuiet) one.quiet.add(listener);
      else one.quiet.delete(listener);
      listener.announce(isQuiet);
    }
    return isBusy;
  };

  const stop = (one: Kept): void => {
    const names = one.members.map(({ instance }) => instance.name);
    const thaw = freeze(names);
    try {
      if (look(one)) return step(one, { type: 'looked', isBusy: true });
      const plan = one.members[0]?.instance.plan as ServicePlan;
      const why = idleWords(socketsOf(plan), plan.idleMs ?? 0);
      void ask('stop', names, { by: 'socket', why }).finally(changed);
    } finally {
      thaw();
    }
  };

  const arrived = (): void => {
    const all = [...kept.values()];
    const greeted = all.filter(({ state }) => state.is === 'waiting').filter(greet);
    if (greeted.length > 0) return;
    const quiet = all.flatMap((one) => [...one.quiet].map((listener) => ({ one, listener })));
    const found = quiet.filter(({ listener }) => listener.hasClient() || listener.hasTraffic());
    for (const { one, listener } of found.length > 0 ? found : quiet) {
      one.quiet.delete(listener);
      listener.announce(false);
    }
  };

  const changed = (): void => {
    if (isClosed) return;
    const groups = new Map<string, AwaitingInstance[]>();
    for (const one of instances())
      groups.set(one.instance.process, [...(groups.get(one.instance.process) ?? []), one]);
    for (const [process, one] of kept) if (!groups.has(process)) drop(process, one);
    if (groups.size > 0) stopListening ??= onArrival(arrived);
    for (const [process, members] of groups) {
      const one = kept.get(process) ?? newKept(process);
      kept.set(process, one);
      one.members = members;
      const standing = standingOf(members);
      const hasFailed = members.some((member) => member.hasFailed);
      step(one, { type: 'stands', standing, isArmed: members.some(isArmed), hasFailed });
    }
  };

  const drop = (process: string, one: Kept): void => {
    kept.delete(process);
    one.cancel();
    quieten(one.watched);
    quieten(one.quiet);
  };

  return {
    changed,
    told(event) {
      if (event.type === 'requested') {
        if (event.cause.by === 'socket') return;
        for (const name of event.names) asked.set(name, event.verb !== 'stop');
      } else if (event.type === 'needed') asked.set(event.name, true);
      else if (event.type === 'followed') asked.set(event.name, event.how === 'restart');
    },
    awaitsClient(name) {
      const one = [...kept.values()].find(({ members }) =>
        members.some(({ instance }) => instance.name === name),
      );
      return (one?.state.is === 'waiting' || one?.state.is === 'resting') && namesOf(one).includes(name);
    },
    close() {
      isClosed = true;
      for (const [process, one] of kept) drop(process, one);
      stopListening?.();
    },
  };
}

const newKept = (process: string): Kept => ({
  ...{ process, members: [], state: NEW_DEMAND, cancel: () => undefined, isRefused: false },
  ...{ watched: new Set<Listener>(), quiet: new Set<Listener>() },
});

function standingOf(members: readonly AwaitingInstance[]): Standing {
  if (members.some(({ standing }) => standing === 'between')) return 'between';
  return members.some(({ standing }) => standing === 'up') ? 'up' : 'down';
}
