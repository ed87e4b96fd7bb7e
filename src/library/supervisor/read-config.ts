/** What `createSupervisor()` was called with, checked: all that is wrong becomes problems, and the rest is read on. */
import type { AppOptions } from '../../config/load-app.ts';
import { isName, NAME_REMEDY } from '../../config/entries/stages.ts';
import { servicePlan, type ServicePlan } from '../../core/plan/process-plan.ts';
import type { Problem } from '../../core/problem.ts';
import { RESIDENT_DEFAULTS, type HostOptions } from '../../host/options.ts';
import {
  createConfigReader,
  isObject,
  type ConfigReader,
  type Fields,
  type Variables,
} from '../config-reader.ts';
import type { ProcessConfigObject, SupervisorConfig } from './config.ts';

export interface CheckedConfig {
  readonly problems: readonly Problem[];
  readonly settings: HostOptions;
  readonly app: AppOptions;
  /** Over our own environment. */
  readonly env: Variables;
  readonly control: boolean;
  readonly signals: boolean;
  readonly signal: AbortSignal | undefined;
}

const KNOWN: readonly (keyof SupervisorConfig)[] = [
  ...(['root', 'file', 'envFiles', 'processes', 'env', 'formation', 'port', 'restart'] as const),
  ...(['restartDelayMs', 'onExit', 'timeoutMs', 'stdin', 'control', 'signals', 'signal'] as const),
];
const KNOWN_OF_PROCESS: readonly (keyof ProcessConfigObject)[] = [
  ...(['command', 'env', 'restart', 'instances', 'tty'] as const),
];

const RESTARTS = ['never', 'on-failure', 'always'] as const;
const MOST_INSTANCES = 1_000;

export function readSupervisorConfig(given: unknown): CheckedConfig {
  const problems: Problem[] = [];
  const read = createConfigReader(problems);
  const config = read.object(given, 'configuration') ?? {};
  read.onlyKnown(config, KNOWN);
  return {
    problems,
    settings: readSettings(config, read),
    app: readApp(config, read),
    env: read.variables(config['env'], 'env') ?? {},
    control: read.flag(config['control'], 'control'),
    signals: read.flag(config['signals'], 'signals'),
    signal: read.abortSignal(config['signal'], 'signal'),
  };
}

function readSettings(config: Fields, read: ConfigReader): HostOptions {
  const usual = RESIDENT_DEFAULTS;
  return {
    timeoutMs: read.milliseconds(config['timeoutMs'], 'timeoutMs') ?? usual.timeoutMs,
    restart: read.choice(config['restart'], 'restart', RESTARTS) ?? usual.restart,
    restartDelayMs: read.milliseconds(config['restartDelayMs'], 'restartDelayMs') ?? usual.restartDelayMs,
    onExit: read.choice(config['onExit'], 'onExit', ['stop', 'keep']) ?? usual.onExit,
    stdin: read.choice(config['stdin'], 'stdin', ['open', 'null']) ?? usual.stdin,
    resident: true,
    output: 'piped',
  };
}

function readApp(config: Fields, read: ConfigReader): AppOptions {
  const { file, processes: inline } = config;
  if (inline !== undefined && file !== undefined) {
    read.wrong('config-conflict', "'file' and 'processes' exclude each other", 'leave one of them out');
  }
  const processes = inline === undefined ? undefined : readProcesses(inline, read);
  const counts = { ...processes?.counts, ...read.counts(config['formation'], 'formation', MOST_INSTANCES) };
  const port = config['port'] === 'auto' ? 'auto' : read.integer(config['port'], 'port', 1, 65_535);
  return {
    root: read.text(config['root'], 'root'),
    file: inline === undefined ? read.text(file, 'file') : undefined,
    env: read.texts(config['envFiles'], 'envFiles'),
    processes: processes?.plans,
    port: port === undefined ? undefined : String(port),
    formation: Object.entries(counts)
      .map(([name, count]) => `${name}=${String(count)}`)
      .join(','),
    labels: { port: 'port', formation: 'formation' },
  };
}

interface ReadProcesses {
  readonly plans: readonly ServicePlan[];
  /** Of those that say how many instances they have. */
  readonly counts: Readonly<Record<string, number>>;
}

function readProcesses(given: unknown, read: ConfigReader): ReadProcesses {
  const named = Object.entries(read.object(given ?? null, 'processes') ?? {});
  if (isObject(given) && named.length === 0) {
    read.wrong('config-empty', "'processes' has no process", "name one: { web: 'node server.js' }");
  }
  const counts: Record<string, number> = {};
  const plans = named.map(([name, one]): ServicePlan => {
    const at = `processes.${name}`;
    if (!isName(name)) read.wrong('config-name', `invalid process name '${name}'`, NAME_REMEDY);
    const fields = isObject(one) ? one : { command: one };
    read.onlyKnown(fields, KNOWN_OF_PROCESS, `${at}.`);
    const count = read.integer(fields['instances'], `${at}.instances`, 0, MOST_INSTANCES);
    if (count !== undefined) counts[name] = count;
    // Of one that is wrong only the name is of use: what else names it is not wrong for that.
    const command = read.command(fields['command'], isObject(one) ? `${at}.command` : at) ?? '';
    const mode = read.choice(fields['restart'], `${at}.restart`, RESTARTS);
    return {
      ...servicePlan(name, command, { file: at, line: 1, column: 1, length: 1, text: '' }),
      environment: read.variables(fields['env'], `${at}.env`) ?? {},
      ...(mode && { restart: { mode } }),
      ...(read.flag(fields['tty'], `${at}.tty`) && { tty: true }),
    };
  });
  return { plans, counts };
}
