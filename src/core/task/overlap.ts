/** No two tasks may make the same file. */
import { matchesGlob, isGlob } from '../../text/glob.ts';
import type { Problem } from '../problem.ts';
import { baseOf, isPlain } from '../watch/pattern.ts';
import { isWithin } from '../watch/scope.ts';
import { fileRules, type FileRule } from './files.ts';
import type { Task } from './task.ts';

interface Outputs {
  readonly task: Task;
  readonly rules: readonly FileRule[];
}

export function outputProblems(tasks: readonly Task[]): readonly Problem[] {
  const all = tasks
    .filter(({ outputs }) => outputs !== undefined && outputs.length > 0)
    .map((task) => ({ task, rules: fileRules(task.outputs ?? [], task.workingDir) }));
  return overlapProblems(all);
}

function overlapProblems(all: readonly Outputs[]): readonly Problem[] {
  return all.flatMap((one, at) =>
    all.slice(0, at).flatMap((other) => {
      const pair = overlapOf(one.rules, other.rules);
      if (pair === undefined) return [];
      const message = `outputs of '${other.task.name}' and '${one.task.name}' overlap: '${pair[1]}' and '${pair[0]}'`;
      return [
        problemOf(
          one.task,
          'task-output-overlap',
          message,
          "let one of them take the other's back with '!', or name other files",
        ),
      ];
    }),
  );
}

/** The first two globs that may mean the same file; undefined: none. */
function overlapOf(
  ones: readonly FileRule[],
  others: readonly FileRule[],
): readonly [string, string] | undefined {
  for (const [at, one] of ones.entries())
    for (const [otherAt, other] of others.entries()) {
      if (one.isExclude || other.isExclude || !meet(one.pattern.names, other.pattern.names)) continue;
      if (isTakenBack(other, ones.slice(at + 1)) || isTakenBack(one, others.slice(otherAt + 1))) continue;
      return [one.text, other.text];
    }
  return undefined;
}

/** All that it means is excluded by one of these: a directory with all below it. */
const isTakenBack = ({ pattern }: FileRule, later: readonly FileRule[]): boolean =>
  later.some(({ isExclude, pattern: out }) => {
    if (!isExclude) return false;
    const isWhole = isPlain(out) || (out.names.length === out.globFrom + 1 && out.names.at(-1) === '**');
    return isWhole && isWithin(baseOf(out), baseOf(pattern));
  });

/** Whether a path, or a directory with all below it, is meant by both. */
function meet(ones: readonly string[], others: readonly string[], last = ''): boolean {
  const [one, ...oneRest] = ones;
  const [other, ...otherRest] = others;
  if (one === undefined || other === undefined)
    return !isFileName(last) || [...ones, ...others].every((name) => name === '**');
  if (one === '**') return meet(oneRest, others, last) || meet(ones, otherRest, other);
  if (other === '**') return meet(ones, otherRest, last) || meet(oneRest, others, one);
  return namesMeet(one, other) && meet(oneRest, otherRest, isGlob(one) ? other : one);
}

/** With a suffix: nothing is below it. */
const isFileName = (name: string): boolean => /[^.]\.\w+$/.test(name);

function namesMeet(one: string, other: string): boolean {
  if (!isGlob(one)) return isGlob(other) ? matchesGlob(other, one) : one === other;
  if (!isGlob(other)) return matchesGlob(one, other);
  return globsMeet(one, other);
}

/** Whether some name matches both, by the states in which both can be. */
function globsMeet(one: string, other: string): boolean {
  const seen = new Set<string>();
  const ahead: (readonly [number, number])[] = [[0, 0]];
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    const [at, otherAt] = next;
    const key = `${String(at)} ${String(otherAt)}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const [a, b] = [one[at], other[otherAt]];
    if (a === undefined && b === undefined) return true;
    if (a === '*') ahead.push([at + 1, otherAt], ...(b === undefined ? [] : [[at, otherAt + 1] as const]));
    if (b === '*') ahead.push([at, otherAt + 1], ...(a === undefined ? [] : [[at + 1, otherAt] as const]));
    if (a !== undefined && b !== undefined && a !== '*' && b !== '*' && (a === b || a === '?' || b === '?'))
      ahead.push([at + 1, otherAt + 1]);
  }
  return false;
}

const problemOf = (task: Task, code: string, message: string, remedy: string): Problem => ({
  ...{ code, severity: 'error', message, remedy },
  place: task.place,
});
