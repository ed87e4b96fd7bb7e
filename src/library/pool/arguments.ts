/** Checks what a pool and its tasks are given. Throws a TypeError that names what is wrong. */
import { resolve } from 'node:path';
import type { TasksSpec } from '../../core/pool/tasks/state.ts';
import { scriptFor } from '../../core/shell/command.ts';
import type { Problem } from '../../core/problem.ts';
import type { Framing } from '../../os/worker/line-framing.ts';
import { createConfigReader, isObject, type ConfigReader, type Fields } from '../config-reader.ts';
import type { LaunchOrder } from '../process/launch.ts';
import type { TaskOptions } from './options.ts';
import type { WorkerProgram } from './worker.ts';
import { readFunction } from '../process/arguments.ts';

export interface CheckedPool extends Omit<TasksSpec, 'mostAhead'> {
  readonly program: WorkerProgram;
  readonly place: Pick<LaunchOrder, 'env' | 'cwd'>;
  readonly maxMemoryBytes: number;
}

const KNOWN = [
  ...['module', 'command', 'init', 'framing', 'size'],
  ...['recycleAfter', 'maxMemoryBytes', 'idleMs', 'env', 'cwd'],
];
const FRAMINGS: readonly Framing[] = ['line', 'json', 'null', 'length'];
const MOST_WORKERS = 1000;

export function readPool(given: unknown, cores: number): CheckedPool {
  const problems: Problem[] = [];
  const read = createConfigReader(problems);
  const fields = read.object(given ?? null, 'options') ?? {};
  read.onlyKnown(fields, KNOWN);
  const program = readProgram(read, fields);
  const most = Number.MAX_SAFE_INTEGER;
  const checked = {
    size: read.integer(fields['size'], 'size', 1, MOST_WORKERS) ?? cores,
    recycleAfter: read.integer(fields['recycleAfter'], 'recycleAfter', 1, most) ?? Infinity,
    maxMemoryBytes: read.integer(fields['maxMemoryBytes'], 'maxMemoryBytes', 1, most) ?? Infinity,
    idleMs: read.milliseconds(fields['idleMs'], 'idleMs') ?? Infinity,
    place: {
      env: read.variables(fields['env'], 'env') ?? {},
      cwd: resolve(read.text(fields['cwd'], 'cwd') ?? '.'),
    },
  };
  if (problems.length > 0)
    throw new TypeError(`createPool(): ${problems.map(({ message }) => message).join('; ')}`);
  if (program === undefined) throw new TypeError("createPool(): one of 'command' and 'module' is required");
  return { ...checked, program };
}

function readProgram(read: ConfigReader, fields: Fields): WorkerProgram | undefined {
  const { module, command, framing, init } = fields;
  if (module !== undefined && command !== undefined) {
    read.wrong('pool-both', "'command' and 'module' cannot be combined");
    return undefined;
  }
  if (module !== undefined) {
    if (framing !== undefined) read.wrong('pool-framing', "'framing' is for a command only");
    const found = readFunction(read, module, 'module');
    return found && { kind: 'module', order: { ...found, init: readInit(read, init) } };
  }
  if (init !== undefined) read.wrong('pool-init', "'init' is for a module only");
  const chosen = read.choice(framing, 'framing', FRAMINGS) ?? 'line';
  if (command === undefined || read.command(command, 'command') === undefined) return undefined;
  const launch =
    typeof command === 'string'
      ? { script: scriptFor(command.trim()), args: [], words: false }
      : { script: 'exec "$@"', args: command as string[], words: true };
  return { kind: 'command', launch, framing: chosen };
}

function readInit(read: ConfigReader, given: unknown) {
  if (given === undefined) return null;
  const { export: name, args = [] } = isObject(given) ? given : { export: given };
  const exportName = read.text(name ?? null, 'init');
  if (!Array.isArray(args)) read.wrongType('init.args', 'an array', args);
  return exportName === undefined ? null : { exportName, args: args as readonly unknown[] };
}

/** Of each task, so without a reader of problems. */
export function readTask({ signal, timeoutMs = Infinity, retries = 0 }: TaskOptions) {
  if (!(timeoutMs >= 0)) throw new TypeError('run(): timeoutMs must be a number from 0 on');
  if (!(retries >= 0)) throw new TypeError('run(): retries must be a number from 0 on');
  return { signal, timeoutMs, retries };
}
