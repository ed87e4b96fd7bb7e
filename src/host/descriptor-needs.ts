/** Whether the system allows us as many open files as an application needs: told before anything of it is started. */
import type { AppSpec } from '../core/plan/app-spec.ts';
import { stdinOf } from '../core/plan/defaults.ts';
import { poolOf } from '../core/plan/process-plan.ts';
import { RESERVED, ROOM } from '../os/process/descriptor-reserve.ts';
import { descriptorUse, type DescriptorUse } from '../os/process/descriptors.ts';
import type { HostOptions } from './options.ts';

/** The guardian, the control socket, a description of stdout of our own. */
const OWN = 3;
/**
 * The handshake, two log files of two descriptors each, which are opened in turn, a few clients, and what is read beside the
 * event loop while programs are started: files of /proc, for their ports and their memory.
 */
const OWN_OF_DAEMON = 14;
const MOST_LOG_FILES = 64;

/** How many descriptors it takes to run `app`, beside those that are open now. */
export function descriptorsNeeded(app: AppSpec, options: HostOptions, isDaemon: boolean): number {
  const terminals = app.instances.filter(({ plan }) => plan.tty === true).length;
  const links = app.instances.filter(({ stage }) => (stage?.upstream ?? null) !== null).length;
  const workers = app.instances.filter(({ plan }) => poolOf(plan) !== undefined).length;
  return (
    OWN +
    (isDaemon ? OWN_OF_DAEMON : 0) +
    pipesNeeded(app, options) +
    2 * (links + terminals + workers) +
    RESERVED +
    ROOM.stream
  );
}

/**
 * Of each of these we hold one end: a pipe for the output of each process, and one for its stdin. Workers of pools have other
 * ones for their tasks.
 */
export function pipesNeeded({ instances }: AppSpec, options: HostOptions): number {
  const inputs = instances.filter(
    (instance) => poolOf(instance.plan) === undefined && stdinOf(instance, options) === 'open',
  ).length;
  const outputs = instances.filter(({ plan }) => plan.tty !== true).length;
  return inputs + (options.output === 'inherited' ? 0 : outputs);
}

/** What stands in the way, with a remedy; undefined where there are enough, or it cannot be told. */
export function descriptorShortage(
  app: AppSpec,
  options: HostOptions,
  isDaemon: boolean,
  use: DescriptorUse | undefined = descriptorUse(),
): string | undefined {
  if (use === undefined) return undefined;
  const needed = use.open + descriptorsNeeded(app, options, isDaemon);
  if (needed <= use.limit) return undefined;
  const count = app.instances.length;
  const stdinNullHelps =
    options.stdin !== 'null' &&
    use.open + descriptorsNeeded(app, { ...options, stdin: 'null' }, isDaemon) <= use.limit;
  return `${String(count)} ${count === 1 ? 'process needs' : 'processes need'} ${String(needed)} file descriptors, and the limit is ${String(use.limit)}: raise it, as by 'ulimit -n ${String(roundedUp(needed))}'${stdinNullHelps ? ', or use --stdin null' : ''}`;
}

/** How many log files may be kept open, of two descriptors each, by a daemon that has not started anything yet. */
export function logFilesKept(
  app: AppSpec,
  options: HostOptions,
  isDaemon: boolean,
  use: DescriptorUse | undefined = descriptorUse(),
): number {
  if (use === undefined) return MOST_LOG_FILES;
  const spare = use.limit - use.open - descriptorsNeeded(app, options, isDaemon);
  return Math.max(2, Math.min(MOST_LOG_FILES, Math.floor(spare / 4)));
}

function roundedUp(count: number): number {
  return 2 ** Math.ceil(Math.log2(count + 1));
}
