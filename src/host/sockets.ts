/** The sockets of processes with `listen`. A chunk of its own: only a plan that has any loads it. */
import { resolve } from 'node:path';
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import type { Refusal } from '../core/process/exit.ts';
import { systemClock } from '../os/clock.ts';
import { loadFastKoffiListeners, loadFastKoffiSockets } from '../os/pipes/koffi-addon.ts';
import { openListener } from '../os/sockets/open-listener.ts';
import { withoutListeners } from '../os/sockets/without-listeners.ts';
import type { Endpoints } from '../ports/checks.ts';
import type { GivenSockets, Sockets } from '../ports/sockets.ts';
import type { CheckedRun, RunChecks } from '../runtime/checks.ts';
import type { Demand } from '../runtime/demand.ts';
import type { Journal } from '../runtime/journal.ts';
import { createSockets, type SocketsOptions } from '../runtime/sockets.ts';
import { isNeeded, keepDemand, lazyNetlink, type Supervising } from './demand.ts';

export type HostSocketsOptions = Pick<SocketsOptions, 'tell' | 'output'> & {
  /** Absolute. */
  readonly root: string;
  readonly journal: Journal;
  /** Not before everything has been put together. */
  readonly running: () => Supervising;
};

export interface HostSockets extends Pick<Sockets, 'openAll' | 'keepFor' | 'variables' | 'of' | 'close'> {
  /** Members have changed, come or gone. */
  changed(): void;
  /** It is down, and a client starts it. */
  awaitsClient(name: string): boolean;
  /** What a run is given: its sockets, and what its checks need. */
  open(checks: RunChecks, instance: InstanceSpec): Promise<Endpoints | Refusal>;
  /** The run as its checks are to see it. */
  began(checked: CheckedRun): CheckedRun;
}

/** What a run was given, beside what its checks have opened. */
interface WithSockets extends Endpoints {
  readonly inner: Endpoints | undefined;
  readonly given: GivenSockets;
}

export async function openSockets(options: HostSocketsOptions): Promise<HostSockets> {
  const netlink = lazyNetlink(await loadFastKoffiSockets());
  const system = await loadFastKoffiListeners(netlink.dump);
  const sockets = createSockets({
    ...options,
    clock: systemClock,
    resolvePath: (path) => resolve(options.root, path),
    open: (whole, plan) =>
      system === undefined ? Promise.resolve(withoutListeners()) : openListener(system, whole, plan),
  });

  const open = async (checks: RunChecks, instance: InstanceSpec): Promise<WithSockets | Refusal> => {
    const given = await sockets.give(instance);
    if ('by' in given) return given;
    const close = (): void => {
      for (const { end } of given.descriptors) end.release();
      sockets.ended(instance, given);
    };
    const inner = await checks.open(instance);
    if (inner !== undefined && 'by' in inner) {
      close();
      return inner;
    }
    return {
      inner,
      given,
      env: { ...given.env, ...inner?.env },
      descriptors: [...given.descriptors, ...(inner?.descriptors ?? [])].sort((a, b) => a.at - b.at),
      close() {
        inner?.close();
        close();
      },
    };
  };

  let demand: Demand | undefined;
  const changed = (): void => {
    demand ??= isNeeded(options.running()) ? keepDemand(options, sockets) : undefined;
    demand?.changed();
  };

  return {
    ...sockets,
    open,
    changed,
    awaitsClient: (name) => demand?.awaitsClient(name) === true,
    close() {
      demand?.close();
      netlink.close();
      sockets.close();
    },
    began(checked) {
      const { endpoints, ...others } = checked;
      if (endpoints === undefined || !('inner' in endpoints)) return checked;
      const { inner, given } = endpoints as WithSockets;
      const { port = checked.instance.port } = given;
      sockets.began(checked.instance, given);
      return { ...others, instance: { ...checked.instance, port }, ...(inner && { endpoints: inner }) };
    },
  };
}
