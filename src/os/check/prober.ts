/** The prober of this system: one file for each kind of check. */
import type { Prober, OutputWatch, Subject } from '../../ports/checks.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Guard, Launcher } from '../../ports/processes.ts';
import type { PipePool } from '../pipes/pool.ts';
import type { KoffiSockets } from '../pipes/koffi-sockets.ts';
import { hasSocketTable } from '../proc/has-socket-table.ts';
import { textOrNothing } from '../proc/proc-file.ts';
import { openEndpoints, type OpenEndpoints } from './endpoints.ts';
import { askExec } from './exec.ts';
import { askHttp } from './http.ts';
import { tableOfNetlink, tableOfProc, type ListeningTable } from './listening-table.ts';
import { askLog } from './log.ts';
import { askTcp } from './tcp.ts';
import { createTreeSockets } from './tree-sockets.ts';

export interface ProberOptions {
  readonly clock: Clock;
  readonly output: OutputWatch;
  /** For commands: their output is a pipe. */
  readonly launcher: Launcher;
  readonly guard: Guard;
  readonly pipes: Pick<PipePool, 'take'>;
  readonly runTag: string;
  /** Undefined: there are none here. */
  readonly loadSockets: () => Promise<KoffiSockets | undefined>;
  /** For tests of a system that has none. Default: /proc. */
  readonly proc?: string;
}

const USUAL_RANGE = [32_768, 60_999] as const;

export async function createProber(options: ProberOptions): Promise<Prober> {
  const { clock, output } = options;
  const seesSockets = hasSocketTable(options.proc);
  const netlink = seesSockets ? await netlinkOf(options) : undefined;
  const table: ListeningTable = () => (netlink && tableOfNetlink(netlink.dump)) ?? tableOfProc();
  const trees = createTreeSockets(table, clock);

  const ask: Prober['ask'] = (check, subject, tell) => {
    switch (check.kind) {
      case 'listening':
        return trees.look(subject.pid, (sockets) => tell({ is: 'listens', sockets }));
      case 'tcp':
        return askTcp(check, subject, { trees, clock }, tell);
      case 'http':
        return askHttp(check, subject, { trees, clock }, tell);
      case 'log':
        return askLog(check, subject.instance.name, output, clock, tell);
      case 'exec':
        return askExec(check, subject, options, tell);
      case 'notify':
      case 'fd':
        return endpointsOf(subject)?.listen(check, subject.pid, tell) ?? (() => undefined);
      case 'delay':
        return clock.after(check.ms, () => tell({ is: 'yes' }));
    }
  };

  return {
    seesSockets,
    ephemeral: ephemeralPorts(),
    open: (_instance, checks) => openEndpoints(checks, options),
    ask,
    watch: ({ pid }, changed) => trees.watch(pid, changed),
    close() {
      trees.close();
      netlink?.close();
    },
  };
}

/** They are ours: `open` has made them. */
const endpointsOf = ({ endpoints }: Subject) => endpoints as OpenEndpoints | undefined;

/** Where the kernel does not answer (a seccomp filter, no koffi), /proc does. */
async function netlinkOf({ loadSockets }: ProberOptions) {
  try {
    const netlink = (await loadSockets())?.openNetlink();
    if (netlink === undefined || tableOfNetlink(netlink.dump) !== undefined) return netlink;
    netlink.close();
  } catch {
    return undefined;
  }
  return undefined;
}

function ephemeralPorts(): readonly [number, number] {
  const [low, high] = textOrNothing('/proc/sys/net/ipv4/ip_local_port_range').trim().split(/\s+/).map(Number);
  return low === undefined || high === undefined || Number.isNaN(low) ? USUAL_RANGE : [low, high];
}
