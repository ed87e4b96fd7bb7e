/** The settings of `task`, with all problems of the options. */
import { availableParallelism } from 'node:os';
import { readSlots } from '../../core/pool/option-values.ts';
import type { Checked, Problem } from '../../core/problem.ts';
import type { GraphFormat } from '../../core/task/graph-text.ts';
import type { CommandLine } from '../command-line.ts';
import { readSettings } from '../read-settings.ts';
import { common, local, type CommonSettings } from '../settings.ts';

export interface TaskSettings extends CommonSettings {
  /** Names or patterns. */
  readonly names: readonly string[];
  readonly slots: number;
  readonly continues: boolean;
  readonly force: boolean;
  readonly why: boolean;
  readonly dryRun: boolean;
  readonly graph: GraphFormat | null;
  /** Undefined: by the number of tasks. */
  readonly output: 'prefixed' | 'grouped' | 'errors' | undefined;
  readonly audit: boolean;
  readonly watch: boolean;
  readonly args: readonly string[];
  readonly json: boolean;
}

type Env = Readonly<Record<string, string | undefined>>;

/** `words`: the command line. What follows `--` in it stands among the operands, like the names. */
export function taskSettings(line: CommandLine, env: Env, words: readonly string[]): Checked<TaskSettings> {
  const end = words.indexOf('--');
  const args = end < 0 ? [] : words.slice(end + 1);
  const read = readSettings(line.options, env, line.command);
  const isGiven = (name: 'graph' | 'output'): boolean => read.labels(name)[name] !== undefined;
  const value: TaskSettings = {
    ...common(read),
    ...local(read),
    names: line.operands.slice(0, line.operands.length - args.length),
    slots: read.text('jobs', (text) => readSlots(text, availableParallelism())) ?? availableParallelism(),
    continues: read.isOn('continue'),
    force: read.isOn('force'),
    why: read.isOn('why'),
    dryRun: read.isOn('dry-run'),
    graph: isGiven('graph') ? read.choice('graph') : null,
    output: isGiven('output') ? read.choice('output') : undefined,
    audit: read.isOn('audit'),
    watch: read.isOn('watch'),
    args,
    json: read.isOn('json'),
  };
  const problems = [...read.problems, ...contradictions(value)];
  return { value: problems.length > 0 ? undefined : value, problems };
}

function contradictions({ graph, dryRun, audit, watch, json }: TaskSettings): readonly Problem[] {
  const given = [
    ...(graph === null ? [] : ['--graph']),
    ...(dryRun ? ['--dry-run'] : []),
    ...(audit ? ['--audit'] : []),
    ...(watch ? ['--watch'] : []),
  ];
  const pairs =
    given.length > 1 ? given : json && (graph !== null || audit || watch) ? [...given, '--json'] : [];
  if (pairs.length === 0) return [];
  const message = `conflicting options ${pairs.map((name) => `'${name}'`).join(' and ')}`;
  return [{ code: 'task-options', severity: 'error', message, remedy: 'omit one of them' }];
}
