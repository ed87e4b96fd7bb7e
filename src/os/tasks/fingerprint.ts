/** What a task depends on, as it is now. */
import { relative } from 'node:path';
import { fileRules, isOwnOutput, ruleOf, type FileRule } from '../../core/task/files.ts';
import { countedVariables, keyText, partName } from '../../core/task/key.ts';
import type { Task } from '../../core/task/task.ts';
import type { Fingerprint, FingerprintContext } from '../../ports/task-cache.ts';
import { matchesGlob } from '../../text/glob.ts';
import { bytesOf } from '../watch/names.ts';
import type { Digests } from './digests.ts';
import { sha256, sha256OfText } from './hash.ts';
import type { Tools } from './tools.ts';
import { unmatchedIn } from './unmatched.ts';
import { walk } from './walk.ts';

export async function fingerprintOf(
  task: Task,
  context: FingerprintContext,
  { digests, tools }: { readonly digests: Digests; readonly tools: Tools },
): Promise<Fingerprint> {
  const parts = new Map<string, string>([
    [partName('command'), sha256OfText(task.command ?? '')],
    [partName('name'), sha256(task.name)],
    [partName('outputs'), sha256OfText(JSON.stringify(task.outputs ?? null))],
    [partName('system'), `${process.platform}-${process.arch}`],
  ]);
  if (context.args.length > 0) parts.set(partName('arguments'), sha256(JSON.stringify(context.args)));
  for (const name of countedVariables(task, context.environment, matchesGlob))
    parts.set(partName('env', name), sha256OfText(context.environment[name] ?? ''));
  const reasons: string[] = [];
  for (const [name, key] of context.dependencies) {
    parts.set(partName('task', name), key ?? 'unknown');
    if (key === null) reasons.push(`it needs ${name}, which is not cached`);
  }
  for (const command of task.tools)
    parts.set(partName('tool', command), await tools.digestOf(command, task.workingDir, context.environment));
  const inputs = await inputsOf(task, digests, context.signal);
  for (const [name, digest] of inputs.parts) parts.set(name, digest);
  const notKept = reasons[0] ?? inputs.problem;
  const { unmatched } = inputs;
  return {
    ...{ key: sha256(keyText(parts)), parts, ...(notKept !== undefined && { notKept }) },
    ...(unmatched.length > 0 && { unmatched }),
  };
}

/** The parts of its files. `problem`: a file is both an input and an output. */
export async function inputsOf(
  task: Task,
  digests: Digests,
  signal?: AbortSignal,
): Promise<{
  readonly parts: ReadonlyMap<string, string>;
  readonly unmatched: readonly string[];
  readonly problem?: string;
}> {
  const { inputs = [], outputs = [], workingDir } = task;
  const [rules, outputRules] = [fileRules(inputs, workingDir), fileRules(outputs, workingDir)];
  const found = await walk(rules, { followsNamed: true, signal });
  let problem: string | undefined;
  const files = outputRules.length === 0 ? found : found.filter(({ path }) => !isOutput(path));
  const parts = new Map<string, string>();
  for (const [path, digest] of await digests.of(files, signal))
    parts.set(partName('file', nameFrom(workingDir, path)), digest);
  return { parts, unmatched: unmatchedIn(task, rules, found), ...(problem !== undefined && { problem }) };

  function isOutput(path: string): boolean {
    const output = ruleOf(outputRules, path);
    if (output === undefined) return false;
    const input = ruleOf(rules, path) as FileRule;
    if (isOwnOutput(input, output)) return true;
    problem ??= `${nameFrom(workingDir, path)} is both an input and an output`;
    return false;
  }
}

/** As in any other checkout. */
export function nameFrom(workingDir: string, path: string): string {
  return path.startsWith(`${workingDir}/`) ? path.slice(workingDir.length + 1) : relative(workingDir, path);
}

/** For the system. */
export const pathBelow = (workingDir: string, name: string): string | Buffer =>
  bytesOf(`${workingDir}/${name}`);
