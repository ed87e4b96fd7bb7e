/**
 * Keeps the sockets of processes. Each is bound once, before the first start, and stays open over ends, stops and reloads:
 * a client that connects in between waits. All instances of a process are given the same sockets.
 *
 * Theory of operation: a socket is kept by its address, so that it outlives changes of everything else, also of the process
 * that it belongs to; one with a free port by process and name. Whoever asks for the same one at the same time waits for one
 * opening. Before each start and after each end a path is looked at: some programs remove the one that they were given,
 * and then clients do not find what is kept. It is bound anew; what has the old one already keeps that.
 */
import type { InstanceFact } from '../core/events.ts';
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import { portVariable } from '../core/plan/environment.ts';
import { socketsOf } from '../core/plan/process-plan.ts';
import type { Refusal } from '../core/process/exit.ts';
import { addressText } from '../core/sockets/address.ts';
import { FIRST_DESCRIPTOR, type SocketPlan } from '../core/sockets/socket-plan.ts';
import type { OutputWatch } from '../ports/checks.ts';
import type { Clock } from '../ports/clock.ts';
import type { Listener } from '../ports/listeners.ts';
import type { GivenSockets, Sockets } from '../ports/sockets.ts';

export interface SocketsOptions {
  /** The absolute path for one that is relative to the root. */
  readonly resolvePath: (path: string) => string;
  readonly clock: Clock;
  readonly open: (absolute: SocketPlan, plan: SocketPlan) => Promise<Listener | Refusal>;
  readonly tell: (name: string, fact: InstanceFact) => void;
  readonly output: OutputWatch;
}

/** So long a client waits before that is told. */
const LOOK_MS = 5000;

export function createSockets({ resolvePath, clock, open, tell, output }: SocketsOptions): Sockets {
  const kept = new Map<string, Listener>();
  const opening = new Map<string, Promise<Listener | Refusal>>();
  /** What has been given to runs that live, by process. */
  const living = new Map<string, Set<GivenSockets>>();
  /** What goes on while a run lives, by what it was given. */
  const looks = new Map<GivenSockets, () => void>();
  const watches = new Map<GivenSockets, () => void>();
  /** Where the kernel has chosen a port, by process. */
  const chosen = new Map<string, number>();
  let isClosed = false;

  const absolute = (plan: SocketPlan): SocketPlan =>
    plan.address.kind === 'unix'
      ? { ...plan, address: { kind: 'unix', path: resolvePath(plan.address.path) } }
      : plan;

  const keyOf = (process: string, { name, address }: SocketPlan): string =>
    JSON.stringify(address.kind !== 'unix' && address.port === 0 ? [address, process, name] : [address]);

  const listenerOf = (process: string, plan: SocketPlan): Listener | undefined =>
    kept.get(keyOf(process, absolute(plan)));

  const opened = (instance: InstanceSpec, plan: SocketPlan): Promise<Listener | Refusal> => {
    const whole = absolute(plan);
    const key = keyOf(instance.process, whole);
    const before = kept.get(key);
    if (before?.isReachable() === true) return Promise.resolve(before);
    const attempt = opening.get(key) ?? openFor(key, whole, plan, instance.name);
    opening.set(key, attempt);
    return attempt;
  };

  const openFor = async (
    key: string,
    whole: SocketPlan,
    plan: SocketPlan,
    name: string,
  ): Promise<Listener | Refusal> => {
    const listener = await open(whole, plan);
    opening.delete(key);
    if ('by' in listener) return listener;
    if (isClosed) {
      listener.close();
      return { by: 'refusal', error: 'ECANCELED', message: 'procsup is ending' };
    }
    const before = kept.get(key);
    kept.set(key, listener);
    if (before === undefined) return listener;
    before.close();
    tell(name, remark(plan, `removed ${addressText(plan.address)}; bound it again`));
    return listener;
  };

  const openEach = async (instance: InstanceSpec): Promise<readonly Listener[] | Refusal> => {
    const listeners: Listener[] = [];
    for (const plan of socketsOf(instance.plan)) {
      const listener = await opened(instance, plan);
      if ('by' in listener) return listener;
      listeners.push(listener);
    }
    const port = listeners.find((listener) => listener.port !== null)?.port ?? null;
    if (port !== null) chosen.set(instance.process, port);
    return listeners;
  };

  const give = async (instance: InstanceSpec): Promise<GivenSockets | Refusal> => {
    const { process, plan } = instance;
    const plans = socketsOf(plan);
    const listeners = await openEach(instance);
    if ('by' in listeners) return listeners;
    const others = living.get(process) ?? new Set();
    try {
      // A mode that changed under a running instance would block its event loop in accept().
      for (const [at, listener] of listeners.entries()) listener.prepare(plans[at] ?? {}, others.size === 0);
    } catch (error) {
      const { code = 'UNKNOWN', message } = error as NodeJS.ErrnoException;
      return { by: 'refusal', error: code, message: `cannot prepare its sockets: ${message}` };
    }
    const port = chosen.get(process);
    const given: GivenSockets = {
      env: {
        ...(port !== undefined && { PORT: String(port) }),
        LISTEN_FDS: String(listeners.length),
        LISTEN_FDNAMES: plans.map((one) => one.name).join(':'),
      },
      descriptors: listeners.map((listener, at) => ({ at: FIRST_DESCRIPTOR + at, end: listener.use() })),
      port,
    };
    living.set(process, others.add(given));
    return given;
  };

  /** Tells once for each run that clients wait in vain: `waiting` are those that had one at the last look. */
  const look = (instance: InstanceSpec, given: GivenSockets, waiting: ReadonlySet<string>): void => {
    const cancel = clock.after(LOOK_MS, () => {
      const plans = socketsOf(instance.plan);
      const have = plans.filter((plan) => listenerOf(instance.process, plan)?.hasClient() === true);
      const untaken = have.filter(({ name }) => waiting.has(name));
      for (const plan of untaken) tell(instance.name, remark(plan, waitingWords(plan, plans.indexOf(plan))));
      if (untaken.length === 0) look(instance, given, new Set(have.map(({ name }) => name)));
      else looks.delete(given);
    });
    looks.set(given, cancel);
  };

  /** A program that binds the address itself meets our socket. During the call nothing may be told. */
  const listenFor = (instance: InstanceSpec, given: GivenSockets): void => {
    const stop = output.watch(instance.name, (bytes) => {
      if (!IN_USE.test(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'))) return;
      stop();
      clock.after(0, () => {
        const [plan] = socketsOf(instance.plan);
        if (plan !== undefined && !isClosed) tell(instance.name, remark(plan, clashWords(plan)));
      });
    });
    watches.set(given, stop);
  };

  const forget = (given: GivenSockets): void => {
    looks.get(given)?.();
    looks.delete(given);
    watches.get(given)?.();
    watches.delete(given);
  };

  return {
    async openAll(instances) {
      await Promise.all(instances.map((instance) => openEach(instance)));
    },
    open: openEach,
    listeners: ({ process, plan }) => socketsOf(plan).flatMap((one) => listenerOf(process, one) ?? []),
    give,
    began(instance, given) {
      forget(given);
      look(instance, given, new Set());
      listenFor(instance, given);
    },
    ended(instance, given) {
      const { process, plan } = instance;
      living.get(process)?.delete(given);
      forget(given);
      // One that is not kept any more stays closed.
      const lost = socketsOf(plan).filter((one) => listenerOf(process, one)?.isReachable() === false);
      for (const one of lost) void opened(instance, one);
    },
    keepFor(instances) {
      const all = [...instances];
      const wanted = new Set(
        all.flatMap(({ process, plan }) => socketsOf(plan).map((one) => keyOf(process, absolute(one)))),
      );
      for (const [key, listener] of kept) {
        if (wanted.has(key)) continue;
        kept.delete(key);
        listener.close();
      }
      const listening = all.filter(({ plan }) => socketsOf(plan).length > 0);
      const processes = new Set(listening.map(({ process }) => process));
      for (const process of chosen.keys()) if (!processes.has(process)) chosen.delete(process);
    },
    variables: () =>
      Object.fromEntries([...chosen].map(([process, port]) => [portVariable(process), String(port)])),
    of: (process, sockets) =>
      sockets.flatMap((plan, at) => {
        const port = listenerOf(process, plan)?.port;
        if (port === undefined) return [];
        const address = addressText(plan.address, port ?? undefined);
        return [{ name: plan.name, address, port, descriptor: FIRST_DESCRIPTOR + at }];
      }),
    close() {
      isClosed = true;
      for (const cancel of looks.values()) cancel();
      for (const listener of kept.values()) listener.close();
      kept.clear();
    },
  };
}

const remark = ({ name }: SocketPlan, words: string): InstanceFact => ({
  type: 'socket-remark',
  socket: name,
  words,
});

const IN_USE = /EADDRINUSE|address already in use/i;

const clashWords = ({ address }: SocketPlan): string =>
  `says that an address is in use: procsup keeps ${addressText(address)} open for it as descriptor ${String(FIRST_DESCRIPTOR)}`;

const waitingWords = ({ address }: SocketPlan, at: number): string =>
  `has not accepted the clients that wait on ${addressText(address)} (descriptor ${String(FIRST_DESCRIPTOR + at)})`;
