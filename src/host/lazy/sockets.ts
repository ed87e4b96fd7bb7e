/**
 * Sockets that stay open: their code is loaded where a plan has any. A run hears of them as of the endpoints of its checks, so
 * nothing else in the life of a run knows them.
 */
import type { AppSpec, InstanceSpec } from '../../core/plan/app-spec.ts';
import { awaitsClients, isOnDemand, socketsOf } from '../../core/plan/process-plan.ts';
import type { KeptSocket } from '../../core/sockets/socket-plan.ts';
import type { RunChecks } from '../../runtime/checks.ts';
import type { HostSockets, HostSocketsOptions } from '../sockets.ts';

export interface LazySockets {
  /** Before anything is started: others are told the ports, and clients may come. Undefined: there are none. */
  openAll(app: Pick<AppSpec, 'instances' | 'others'>): Promise<void> | undefined;
  changed(): void;
  /** It is down, and a client starts it. */
  awaitsClient(name: string): boolean;
  variables(): Readonly<Record<string, string>>;
  of(instance: InstanceSpec): readonly KeptSocket[];
  keepFor(instances: readonly InstanceSpec[]): void;
  /** Checks that give a run its sockets as well. */
  around(checks: RunChecks): RunChecks;
  close(): void;
}

export function createLazySockets(options: HostSocketsOptions): LazySockets {
  let known: HostSockets | undefined;
  let loading: Promise<HostSockets> | undefined;
  let isClosed = false;

  const load = async (): Promise<HostSockets> => {
    known = await (await import('../sockets.ts')).openSockets(options);
    if (isClosed) known.close();
    return known;
  };
  const loaded = (): Promise<HostSockets> => (loading ??= load());
  const has = ({ plan }: InstanceSpec): boolean => socketsOf(plan).length > 0;

  return {
    openAll({ instances, others }) {
      const own = [...instances, ...others.filter(({ plan }) => isOnDemand(plan))].filter(has);
      return own.length === 0 ? undefined : loaded().then((sockets) => sockets.openAll(own));
    },
    variables: () => known?.variables() ?? {},
    of: ({ process, plan }) => known?.of(process, socketsOf(plan)) ?? [],
    changed: () => known?.changed(),
    awaitsClient: (name) => known?.awaitsClient(name) === true,
    keepFor(instances) {
      if (known === undefined && instances.some(({ plan }) => awaitsClients(plan)))
        void loaded().then((sockets) => sockets.changed());
      known?.keepFor(instances);
    },
    around: (checks) => ({
      ...checks,
      open: (instance) =>
        has(instance) ? loaded().then((sockets) => sockets.open(checks, instance)) : checks.open(instance),
      start: (checked) => checks.start(known?.began(checked) ?? checked),
    }),
    close() {
      isClosed = true;
      known?.close();
    },
  };
}
