/**
 * What of the file system a watch is about. A scope is that of one directory, and gives those of the directories in it, so that
 * what is ignored is never looked into. What is named wins over the usual list: it is asked only below what is named.
 */
import { matchesGlob } from '../../text/glob.ts';
import {
  atRoot,
  baseOf,
  into,
  isMatch,
  isPlain,
  namesOf,
  pathPatterns,
  type PathPattern,
  type Places,
} from './pattern.ts';

/** What one process watches. */
export interface WatchRules {
  readonly patterns: readonly PathPattern[];
  readonly ignored: readonly IgnoreRule[];
}

interface IgnoreRule {
  /** `!pattern`: it is not ignored. */
  readonly isTakenBack: boolean;
  /** A name at any depth, or a path. */
  readonly of: string | PathPattern;
}

/** Of a directory. */
export interface Scope {
  wantsFile(name: string): boolean;
  /** It is named itself, or leads to what is: a link of this name is followed. */
  leads(name: string): boolean;
  /** Undefined: nothing in it is of interest. */
  below(name: string): Scope | undefined;
}

const IGNORED_NAMES = [
  ...['.git', '.hg', '.svn', 'node_modules', '.venv', 'venv', '__pycache__', '.pytest_cache', '.mypy_cache'],
  ...[
    '.ruff_cache',
    '.tox',
    '.next',
    '.nuxt',
    '.svelte-kit',
    '.vite',
    '.turbo',
    '.cache',
    'coverage',
    '.idea',
  ],
  ...['4913', '.DS_Store'],
];
const IGNORED_GLOBS = [
  ...['*~', '.*.sw?', '*.swp', '.#*', '#*#', '*.tmp', '*.log', '*.pid', 'pytest-cache-files-*'],
  ...['*.timestamp-*.mjs', '*-go-tmp-umask', '*.pyc', '*.tsbuildinfo', '.goutputstream-*'],
];

/** One expression for all of them, since it is asked of every file. `sedate.ts` is none of sed. */
const USUAL = new RegExp(`^(?:${[...IGNORED_GLOBS.map(expressionOf), 'sed[A-Za-z0-9]{6}'].join('|')})$`, 's');
const names = new Set(IGNORED_NAMES);
const isUsuallyIgnored = (name: string): boolean => names.has(name) || USUAL.test(name);

function expressionOf(glob: string): string {
  return glob
    .replace(/[.#~-]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
}

/** `paths` and `ignore` are relative to `root`; `excluded` are absolute and never watched. */
export function watchRules(
  { paths, ignore }: { readonly paths: readonly string[]; readonly ignore: readonly string[] },
  root: string,
  excluded: readonly string[] = [],
): WatchRules {
  return {
    patterns: paths.flatMap((path) => pathPatterns(path, root)),
    ignored: [
      ...ignore.flatMap((text) => ignoreRules(text, root)),
      ...excluded.map((path) => ({ isTakenBack: false, of: exactly(path) })),
    ],
  };
}

function exactly(path: string): PathPattern {
  const all = namesOf(path);
  return { names: all, globFrom: all.length };
}

function ignoreRules(text: string, root: string): readonly IgnoreRule[] {
  const isTakenBack = text.startsWith('!');
  const pattern = (isTakenBack ? text.slice(1) : text).replace(/\/+$/, '');
  if (!pattern.includes('/')) return [{ isTakenBack, of: pattern }];
  return pathPatterns(pattern, root).map((of) => ({ isTakenBack, of }));
}

/** The paths at which watches begin. Each stands once, and none that lies within another. */
export function basesOf(all: readonly WatchRules[]): readonly string[] {
  const bases = [...new Set(all.flatMap(({ patterns }) => patterns.map(baseOf)))].sort();
  return bases.filter((base) => !bases.some((other) => other !== base && isWithin(other, base)));
}

/** Those that are named themselves, and not by a glob: whatever happens to them matters. */
export const plainPathsOf = ({ patterns }: WatchRules): readonly string[] =>
  patterns.filter(isPlain).map(baseOf);

export const isWithin = (directory: string, path: string): boolean =>
  path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);

/** What any of them wants. Undefined: nothing in this directory. */
export function scopeAt(all: readonly WatchRules[], directory: string): Scope | undefined {
  let scope: Scope | undefined = scopeOf(all.map(rootPosition));
  for (const name of namesOf(directory)) scope = scope?.below(name);
  return scope;
}

/** Whether it wants this file. */
export function wants(rules: WatchRules, path: string): boolean {
  const at = path.lastIndexOf('/');
  return scopeAt([rules], path.slice(0, at))?.wantsFile(path.slice(at + 1)) ?? false;
}

/** Where a directory stands in the patterns of one process. */
interface Position {
  readonly rules: WatchRules;
  readonly depth: number;
  readonly places: readonly Places[];
  readonly ignoring: readonly (Places | undefined)[];
}

const rootPosition = (rules: WatchRules): Position => ({
  rules,
  depth: 0,
  places: rules.patterns.map(atRoot),
  ignoring: rules.ignored.map(({ of }) => (typeof of === 'string' ? undefined : atRoot(of))),
});

function scopeOf(positions: readonly Position[]): Scope {
  const scope: Scope = {
    wantsFile: (name) =>
      positions.some((position) => {
        const { rules, places, depth } = position;
        return rules.patterns.some((pattern, at) => {
          if (!isMatch(pattern, into(pattern, places[at] ?? [], name))) return false;
          return depth < pattern.globFrom || !isIgnored(position, name, isNamedBy(pattern, places[at]));
        });
      }),
    leads: (name) =>
      positions.some(({ rules, places, depth }) =>
        rules.patterns.some(
          (pattern, at) => depth < pattern.globFrom && into(pattern, places[at] ?? [], name).length > 0,
        ),
      ),
    below(name) {
      const next = positions.flatMap((position) => positionBelow(position, name) ?? []);
      if (next.length === 0) return undefined;
      return next.length === positions.length && next.every((one, at) => one === positions[at])
        ? scope
        : scopeOf(next);
    },
  };
  return scope;
}

/** `*.log` names a log; `src` and its `*` name none. */
function isNamedBy({ names: own, globFrom }: PathPattern, places: Places = []): boolean {
  const last = own.at(-1) ?? '';
  return globFrom < own.length && places[0] !== own.length && /[^*?]/.test(last);
}

function positionBelow(position: Position, name: string): Position | undefined {
  const { rules, depth } = position;
  const ignoring = rules.ignored.map(({ of }, at) =>
    typeof of === 'string' ? undefined : into(of, position.ignoring[at] ?? [], name),
  );
  let isOut: boolean | undefined;
  const places = rules.patterns.map((pattern, at) => {
    const next = into(pattern, position.places[at] ?? [], name);
    if (next.length === 0 || depth < pattern.globFrom) return next;
    isOut ??= isIgnored(position, name, false);
    return isOut ? [] : next;
  });
  if (places.every(({ length }) => length === 0)) return undefined;
  const isSame =
    rules.patterns.every(({ globFrom }, at) => depth >= globFrom && places[at] === position.places[at]) &&
    ignoring.every((one) => one === undefined);
  return isSame ? position : { rules, depth: depth + 1, places, ignoring };
}

/** The last word of the user counts. */
function isIgnored({ rules, ignoring }: Position, name: string, isNamed: boolean): boolean {
  let isOut = !isNamed && isUsuallyIgnored(name);
  for (const [at, { isTakenBack, of }] of rules.ignored.entries()) {
    const isMeant =
      typeof of === 'string' ? matchesGlob(of, name) : isMatch(of, into(of, ignoring[at] ?? [], name));
    if (isMeant) isOut = !isTakenBack;
  }
  return isOut;
}
