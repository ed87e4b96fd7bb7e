/** The key of a task from the parts that its result depends on, and why a result is missing from the difference of parts. */
import type { Task } from './task.ts';

/** Why there is no result: the parts that differ from those of the last run. */
export interface MissReason {
  /** `new`: it was never run. `expired`: older than `max_age`. `removed`: its result was removed since. */
  readonly type: 'new' | 'changed' | 'expired' | 'removed' | 'forced' | 'not-cacheable';
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  /** Of `not-cacheable`. */
  readonly because?: string;
}

/** What is named by a part. Those before the space of `file src/a.ts`. */
export const PART_KINDS = [
  'command',
  'arguments',
  'env',
  'tool',
  'outputs',
  'file',
  'task',
  'name',
  'system',
] as const;
export type PartKind = (typeof PART_KINDS)[number];

/** Of this version's parts and store: results of others are not found. */
export const KEY_FORMAT = 'procsup-task-1';

/** `file src/a.ts`; `command` alone. */
export const partName = (kind: PartKind, of?: string): string => (of === undefined ? kind : `${kind} ${of}`);

/** What is hashed into the key. The lengths make it unambiguous: no name or digest can be taken for two. */
export function keyText(parts: ReadonlyMap<string, string>): string {
  const names = [...parts.keys()].sort();
  return [KEY_FORMAT, ...names.flatMap((name) => [name, parts.get(name) ?? ''])].map(framed).join('');
}

const framed = (text: string): string => `${String(text.length)}:${text},`;

/** The variables that count: those of the task itself, and those that it names, by name or pattern. */
export const countedVariables = (
  { env, environment, fileVariables }: Pick<Task, 'env' | 'environment' | 'fileVariables'>,
  given: Readonly<Record<string, string>>,
  matches: (pattern: string, name: string) => boolean,
): readonly string[] => {
  const own = new Set([...Object.keys(environment), ...Object.keys(fileVariables ?? {})]);
  if (own.size === 0 && env.length === 0) return [];
  return Object.keys(given)
    .filter((name) => own.has(name) || env.some((pattern) => matches(pattern, name)))
    .sort();
};

/** Which parts differ, those first that matter most. */
export function differenceOf(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): Pick<MissReason, 'added' | 'removed' | 'changed'> {
  const names = [...now.keys()];
  return {
    added: inOrder(names.filter((name) => !before.has(name))),
    removed: inOrder([...before.keys()].filter((name) => !now.has(name))),
    changed: inOrder(names.filter((name) => before.has(name) && before.get(name) !== now.get(name))),
  };
}

const rankOf = (name: string): number => PART_KINDS.indexOf(kindOf(name));
const inOrder = (names: readonly string[]): readonly string[] =>
  [...names].sort((one, other) => rankOf(one) - rankOf(other) || (one < other ? -1 : 1));

const kindOf = (name: string): PartKind =>
  PART_KINDS.find((kind) => name.split(' ', 1)[0] === kind) ?? 'system';

/** `src/a.ts has changed (and 3 more)`. */
export function missText(reason: MissReason): string {
  switch (reason.type) {
    case 'new':
      return 'it was never run';
    case 'expired':
      return 'its result is older than max_age';
    case 'removed':
      return 'its result is no longer in the cache';
    case 'forced':
      return 'a run was forced';
    case 'not-cacheable':
      return reason.because ?? 'its result cannot be kept';
    case 'changed':
      return changeText(reason);
  }
}

/** One sentence for each part, in the order of the kinds. */
export function changeTexts({ added, removed, changed }: MissReason): readonly string[] {
  const all = [
    ...changed.map((name) => [name, CHANGED] as const),
    ...added.map((name) => [name, ADDED] as const),
    ...removed.map((name) => [name, REMOVED] as const),
  ];
  return all
    .sort(([one], [other]) => rankOf(one) - rankOf(other))
    .map(([name, words]) => {
      const kind = kindOf(name);
      return words[kind](name.slice(kind.length + 1));
    });
}

function changeText(reason: MissReason): string {
  const [first = 'something has changed', ...more] = changeTexts(reason);
  return more.length === 0 ? first : `${first} (and ${String(more.length)} more)`;
}

type Words = Readonly<Record<PartKind, (of: string) => string>>;

const CHANGED: Words = {
  command: () => 'the command has changed',
  arguments: () => 'the arguments have changed',
  env: (name) => `${name} has changed`,
  tool: (command) => `the output of '${command}' has changed`,
  outputs: () => 'the declared outputs have changed',
  file: (path) => `${path} has changed`,
  task: (name) => `what ${name} depends on has changed`,
  name: () => 'the name has changed',
  system: () => 'the system has changed',
};

const ADDED: Words = {
  ...CHANGED,
  env: (name) => `${name} is set now`,
  tool: (command) => `'${command}' is declared now`,
  file: (path) => `${path} is new`,
  task: (name) => `${name} is needed now`,
};

const REMOVED: Words = {
  ...CHANGED,
  env: (name) => `${name} is no longer set`,
  tool: (command) => `'${command}' is no longer declared`,
  file: (path) => `${path} was removed`,
  task: (name) => `${name} is no longer needed`,
};
