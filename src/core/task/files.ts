/**
 * Which files `inputs` and `outputs` mean. The last glob that matches a file decides: `!glob` takes back. The words are those of
 * `watch`: a glob that matches a directory stands for all below it, names that begin with a dot count, brackets are ordinary.
 */
import {
  atRoot,
  baseOf,
  into,
  isMatch,
  namesOf,
  pathPatterns,
  type PathPattern,
  type Places,
} from '../watch/pattern.ts';
import { isWithin } from '../watch/scope.ts';

export interface FileRule {
  readonly isExclude: boolean;
  /** As the user wrote it. */
  readonly text: string;
  readonly pattern: PathPattern;
}

/** Of a directory on the way down. */
export interface FileScope {
  wants(name: string): boolean;
  /** Undefined: nothing in it is of interest. */
  below(name: string): FileScope | undefined;
}

/** Only where a glob names them. */
const SKIPPED: readonly string[] = ['node_modules', '.git'];
/** Files on their way to their place: `os/tasks/restore.ts`. */
export const PARTIAL_PREFIX = '.procsup-partial-';

export const fileRules = (globs: readonly string[], workingDir: string): readonly FileRule[] =>
  globs.flatMap((text) => {
    const isExclude = text.startsWith('!');
    return pathPatterns(isExclude ? text.slice(1) : text, workingDir).map((pattern) => ({
      isExclude,
      text,
      pattern,
    }));
  });

/** The paths at which looking begins. Each stands once, and none that lies within another. */
export function basesOf(rules: readonly FileRule[]): readonly string[] {
  const bases = [
    ...new Set(rules.filter(({ isExclude }) => !isExclude).map(({ pattern }) => baseOf(pattern))),
  ].sort();
  return bases.filter((base) => !bases.some((other) => other !== base && isWithin(other, base)));
}

/** Of the directory with this path; undefined: nothing in it is of interest. */
export function fileScopeAt(rules: readonly FileRule[], directory: string): FileScope | undefined {
  let scope: FileScope | undefined = scopeOf(
    rules,
    rules.map(({ pattern }) => atRoot(pattern)),
  );
  for (const name of namesOf(directory)) scope = scope?.below(name);
  return scope;
}

/** The rule that decides about this file, if it is wanted. */
export function ruleOf(rules: readonly FileRule[], path: string): FileRule | undefined {
  const names = namesOf(path);
  const decisive = rules.findLast((rule) => matches(rule, names));
  return decisive?.isExclude === false ? decisive : undefined;
}

function matches({ pattern }: FileRule, names: readonly string[]): boolean {
  let places = atRoot(pattern);
  for (const name of names) places = step(pattern, places, name);
  return isMatch(pattern, places);
}

/** Those that mean none of these files, each glob with all of its alternatives. What takes back need not. */
export function unmatchedRules(rules: readonly FileRule[], paths: readonly string[]): readonly FileRule[] {
  const matched = new Set<string>();
  const unmatched = new Map<string, FileRule>();
  for (const rule of rules) {
    if (rule.isExclude || matched.has(rule.text)) continue;
    const base = baseOf(rule.pattern);
    if (paths.some((path) => isWithin(base, path) && matches(rule, namesOf(path)))) matched.add(rule.text);
    else unmatched.set(rule.text, rule);
  }
  return [...unmatched.values()].filter(({ text }) => !matched.has(text));
}

function step(pattern: PathPattern, places: Places, name: string): Places {
  if (SKIPPED.includes(name) && !pattern.names.includes(name)) return [];
  return into(pattern, places, name);
}

function scopeOf(rules: readonly FileRule[], all: readonly Places[]): FileScope {
  const next = (name: string): readonly Places[] =>
    rules.map(({ pattern }, at) => step(pattern, all[at] ?? [], name));
  /** Below a directory that is meant, or not, as a whole nothing is asked of single files. */
  const isSettled = rules.every(
    ({ pattern }, at) => all[at]?.length === 0 || isMatch(pattern, all[at] ?? []),
  );
  const settled = isSettled && isWanted(rules, all);
  const scope: FileScope = {
    wants(name) {
      if (name.startsWith(PARTIAL_PREFIX)) return false;
      return isSettled && !SKIPPED.includes(name) ? settled : isWanted(rules, next(name));
    },
    below(name) {
      if (isSettled && !SKIPPED.includes(name)) return settled ? scope : undefined;
      const places = next(name);
      return leadsOn(rules, places) ? scopeOf(rules, places) : undefined;
    },
  };
  return scope;
}

function isWanted(rules: readonly FileRule[], all: readonly Places[]): boolean {
  const at = rules.findLastIndex(({ pattern }, index) => isMatch(pattern, all[index] ?? []));
  return rules[at]?.isExclude === false;
}

/** Something is meant that is not taken back as a whole. */
function leadsOn(rules: readonly FileRule[], all: readonly Places[]): boolean {
  const out = rules.findLastIndex(
    ({ pattern, isExclude }, at) => isExclude && isMatch(pattern, all[at] ?? []),
  );
  return rules.some(({ isExclude }, at) => !isExclude && at > out && (all[at]?.length ?? 0) > 0);
}

/**
 * Whether an output that an input means as well is none: `dist/**` where all of the directory is an input. One that lies no
 * deeper than the input (`src/*.js` in `src`) may be written by hand, and restoring it would undo that.
 */
export function isOwnOutput(input: FileRule, output: FileRule): boolean {
  const [inputBase, outputBase] = [baseOf(input.pattern), baseOf(output.pattern)];
  return outputBase !== inputBase && isWithin(inputBase, outputBase);
}
