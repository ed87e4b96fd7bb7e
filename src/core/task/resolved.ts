/** A task in the words of procsup.yaml, for `check`. Of variables only the names: their values may be secret. */
import { formatDuration } from '../../text/duration.ts';
import type { ResolvedKey } from '../plan/resolved.ts';
import { directoryIn, untilOf, type Task } from './task.ts';

/** `root`: a directory below it is shown relative to it. */
export function resolvedTask(task: Task, root: string): readonly ResolvedKey[] {
  const { saidAt = {}, place, cache } = task;
  const values: Readonly<Record<string, unknown>> = {
    ...(task.description !== undefined && { description: task.description }),
    depends_on: Object.fromEntries(task.needs.map((need) => [need.name, untilOf(need)])),
    inputs: task.inputs ?? null,
    outputs: task.outputs ?? null,
    env: task.env,
    tools: task.tools,
    cache: cache.maxAgeMs === undefined ? cache.enabled : { max_age: formatDuration(cache.maxAgeMs) },
    timeout: task.timeoutMs === undefined ? null : formatDuration(task.timeoutMs),
    retries: task.retries,
    uses: Object.fromEntries(task.uses.map(({ cap, amount }) => [cap, amount])),
    lock: task.lock ?? null,
    args: task.takesArguments ? 'pass' : null,
    interactive: task.interactive,
    working_dir: directoryIn(root, task),
    environment: Object.keys(task.environment).sort(),
    env_file: Object.keys(task.fileVariables ?? {}).sort(),
  };
  return [
    ...(task.command === undefined
      ? []
      : [{ key: 'command', value: task.command, from: saidAt['command'] ?? place }]),
    ...Object.entries(values).map(([key, value]) => ({
      key,
      value,
      from: saidAt[key] ?? ('default' as const),
    })),
  ];
}
