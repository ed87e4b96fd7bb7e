/** The sockets of processes with `listen`. A chunk of its own: only a plan that has any loads it. */
import { resolve } from 'node:path';
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import type { Refusal } from '../core/process/exit.ts';
import { systemClock } from '../os/clock.ts';
import { loadFastKoffiListeners } from '../os/pipes/koffi-addon.ts';
import { openListener } from '../os/sockets/open-listener.ts';
import { withoutListeners } from '../os/sockets/without-listeners.ts';
import type { Endpoints } from '../ports/checks.ts';
import type { GivenSockets, Sockets } from '../ports/sockets.ts';
import type { CheckedRun, RunChecks } from '../runtime/checks.ts';
import { createSockets, type SocketsOptions } from '../runtime/sockets.ts';

export type HostSocketsOptions = Pick<SocketsOptions, 'tell' | 'output'> & {
  /** Absolute. */
  readonly root: string;
};

export interface HostSockets extends Pick<Sockets, 'openAll' | 'keepFor' | 'variables' | 'of' | 'close'> {
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
  const system = await loadFastKoffiListeners();
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

  return {
    ...sockets,
    open,
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
