/** A plan in the words of procsup.yaml: each key with its value, defaults filled in, and where the value comes from. */
import { formatDuration } from '../../text/duration.ts';
import { formatSize } from '../../text/size.ts';
import type { Check, HealthPlan, ReadyPlan } from '../check/check.ts';
import type { LimitsPlan } from '../limits/limits.ts';
import type { Place } from '../problem.ts';
import { addressSource } from '../sockets/address.ts';
import { DEFAULT_BACKLOG, type SocketPlan } from '../sockets/socket-plan.ts';
import { restartPolicyOf, stopLadderOf, type ProcessDefaults } from './defaults.ts';
import {
  watchOf,
  type CapUse,
  type HookPlan,
  type Need,
  type PoolPlan,
  type ServicePlan,
  type WatchAction,
} from './process-plan.ts';

export type Origin = Place | 'default' | 'command line';

export interface ResolvedKey {
  readonly key: string;
  /** As it could be written in procsup.yaml. Of variables only the names, for their values may be secret. */
  readonly value: unknown;
  readonly from: Origin;
}

export interface ResolvedContext {
  readonly root: string;
  readonly defaults: ProcessDefaults & { readonly onExit: string };
  /** How many instances it has. */
  readonly instances: number;
}

export function resolvedKeys(plan: ServicePlan, context: ResolvedContext): readonly ResolvedKey[] {
  return plan.pool === undefined ? processKeys(plan, context) : poolKeys(plan, plan.pool, context);
}

function processKeys(plan: ServicePlan, context: ResolvedContext): readonly ResolvedKey[] {
  const [firstRung] = stopLadderOf(plan, context.defaults);
  const values: Readonly<Record<string, unknown>> = {
    kind: plan.kind,
    ...sharedKeys(plan, context),
    ready: plan.ready === undefined ? 'auto' : readyValue(plan.ready),
    fail: plan.failLog === undefined ? null : { log: plan.failLog },
    health: plan.health === undefined ? null : healthValue(plan.health),
    limits: limitsValue(plan.limits),
    restart: restartValue(plan, context.defaults),
    success_status: [...new Set([0, ...(plan.successStatus ?? [])])],
    on_exit: plan.onExit ?? context.defaults.onExit,
    stop_signal: firstRung.signal,
    stop_grace_period: formatDuration(firstRung.graceMs),
    stop_command: plan.stop?.command ?? null,
    stop_target: plan.stop?.target ?? 'group',
    pre_start: hookValue(plan.hooks?.preStart),
    post_start: hookValue(plan.hooks?.postStart),
    pre_stop: hookValue(plan.hooks?.preStop),
    post_stop: hookValue(plan.hooks?.postStop),
    stdin: plan.stdin ?? context.defaults.stdin,
    tty: plan.tty ?? false,
    ports: plan.ports ?? [],
    listen: listenValue(plan.listen),
    idle: plan.idleMs === undefined ? null : formatDuration(plan.idleMs),
    rolling: plan.rolling ?? false,
    schedule: scheduleValue(plan),
    watch: watchValue(plan),
    uses: usesValue(plan.uses ?? []),
  };
  return withOrigins(plan, context, 'instances', values);
}

function poolKeys(plan: ServicePlan, pool: PoolPlan, context: ResolvedContext): readonly ResolvedKey[] {
  const [firstRung] = stopLadderOf(plan, context.defaults);
  const numberOrNull = (value: number): number | null => (value === Infinity ? null : value);
  return withOrigins(plan, context, 'size', {
    framing: pool.framing,
    recycle: numberOrNull(pool.recycleAfter),
    max_memory: pool.maxMemoryBytes === Infinity ? null : formatSize(pool.maxMemoryBytes),
    retries: pool.retries,
    timeout: pool.timeoutMs === Infinity ? null : formatDuration(pool.timeoutMs),
    queue: pool.queue ?? null,
    uses: usesValue(pool.uses),
    ...sharedKeys(plan, context),
    stop_signal: firstRung.signal,
    stop_grace_period: formatDuration(firstRung.graceMs),
  });
}

/** Where the program runs, and when: of a process as of the workers of a pool. */
const sharedKeys = (plan: ServicePlan, context: ResolvedContext): Readonly<Record<string, unknown>> => ({
  working_dir: plan.workingDir ?? context.root,
  environment: Object.keys(plan.environment).sort(),
  env_file: Object.keys(plan.fileVariables ?? {}).sort(),
  profiles: plan.profiles ?? [],
  autostart: plan.autostart ?? true,
  depends_on: Object.fromEntries(plan.needs.map((need) => [need.process, needValue(need)])),
});

/** `count`: the key that says how many instances there are. */
function withOrigins(
  plan: ServicePlan,
  { instances }: ResolvedContext,
  count: string,
  values: Readonly<Record<string, unknown>>,
): readonly ResolvedKey[] {
  const { saidAt = {} } = plan;
  const from = instances === plan.instances ? (saidAt[count] ?? 'default') : 'command line';
  return [
    { key: 'command', value: plan.command, from: saidAt['command'] ?? plan.place },
    { key: count, value: instances, from },
    ...Object.entries(values).map(([key, value]) => ({
      key,
      value,
      from: saidAt[key] ?? ('default' as const),
    })),
  ];
}

function limitsValue({ watched, kernel, enforce }: LimitsPlan = { watched: [], kernel: {} }): object {
  const { core, ...others } = kernel;
  const values = watched.map(({ kind, max, forMs, action }) => [
    kind,
    { max: kind === 'memory' ? formatSize(max) : max, for: formatDuration(forMs), action },
  ]);
  return {
    ...(Object.fromEntries(values) as object),
    ...(enforce !== undefined && { enforce }),
    ...others,
    ...(core !== undefined && { core: core === Infinity ? 'unlimited' : formatSize(core) }),
  };
}

const usesValue = (uses: readonly CapUse[]): object =>
  Object.fromEntries(uses.map(({ cap, amount }) => [cap, amount]));

const needValue = ({ until, onRestart = 'keep', required = true }: Need) => ({
  condition: until,
  restart: onRestart,
  required,
});

function checkValue(check: Check): object {
  switch (check.kind) {
    case 'listening':
      return { listening: check.port ?? true };
    case 'tcp':
      return { tcp: check.host === undefined ? check.port : `${hostText(check.host)}:${String(check.port)}` };
    case 'http': {
      const { target: url, status, headers } = check;
      if (status === undefined && headers === undefined) return { http: url };
      // Headers may carry a password.
      return { http: { url, ...(status && { status }), ...(headers && { headers: Object.keys(headers) }) } };
    }
    case 'log':
      return { log: check.pattern };
    case 'exec':
      return { exec: check.command };
    case 'notify':
      return { notify: true };
    case 'fd':
      return { fd: check.fd };
    case 'delay':
      return { delay: formatDuration(check.ms) };
  }
}

const hostText = (host: string): string => (host.includes(':') ? `[${host}]` : host);

const readyValue = ({ checks, withinMs }: ReadyPlan) =>
  listOrOne(checks, withinMs === undefined ? {} : { within: formatDuration(withinMs) });

const healthValue = ({ checks, everyMs, failures, action }: HealthPlan) =>
  listOrOne(checks, { every: formatDuration(everyMs), failures, action });

/** What holds for all checks stands in the first. */
function listOrOne(checks: readonly Check[], common: object): unknown {
  const values = checks.map((check, at) => ({ ...checkValue(check), ...(at === 0 && common) }));
  return values.length === 1 ? values[0] : values;
}

function restartValue(plan: ServicePlan, defaults: ProcessDefaults): object {
  const { mode, delayMs, maxDelayMs, giveUp } = restartPolicyOf(plan, defaults);
  return {
    policy: mode,
    delay: formatDuration(delayMs),
    max_delay: formatDuration(maxDelayMs),
    attempts: giveUp.restarts,
    within: formatDuration(giveUp.withinMs),
  };
}

const hookValue = (hook: HookPlan | undefined) =>
  hook === undefined ? null : { command: hook.command, timeout: formatDuration(hook.timeoutMs) };

/** In the order of their descriptors, from 3 on. */
const listenValue = (sockets: readonly SocketPlan[] = []): object | null =>
  sockets.length === 0
    ? null
    : Object.fromEntries(
        sockets.map(({ name, address, backlog = DEFAULT_BACKLOG, nonblocking = false, mode }) => [
          name,
          {
            ...{ address: addressSource(address), backlog, nonblocking },
            ...(mode !== undefined && { mode: `0${mode.toString(8)}` }),
          },
        ]),
      );

function watchValue(plan: ServicePlan): object | false {
  const watch = watchOf(plan);
  if (watch === undefined) return false;
  const { paths, ignore, action, task, debounceMs, gitignore, pollMs } = watch;
  return {
    ...{ paths, ignore, action: actionValue(action), debounce: formatDuration(debounceMs), gitignore },
    ...(task !== undefined && { run: task }),
    poll: pollMs === undefined ? false : formatDuration(pollMs),
  };
}

function actionValue(action: WatchAction): string {
  if (action.kind === 'restart') return 'restart';
  return action.kind === 'signal' ? action.signal : action.command;
}

function scheduleValue({ schedule }: ServicePlan): object | null {
  if (schedule === undefined) return null;
  const { cron, timeZone, overlap } = schedule;
  return { cron, ...(timeZone !== undefined && { tz: timeZone }), overlap };
}
