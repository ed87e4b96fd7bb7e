/** Which instances are meant: `web` means every instance of a process, `web.2` one, `work*` all that match. */
import { isGlob, matchesGlob } from '../../text/glob.ts';
import { suggest } from '../../text/suggest.ts';

export interface Named {
  readonly name: string;
  readonly process: string;
}

/** `web` of `web.1`, `ingest` of `ingest/parse`. */
export const processIn = (instance: string): string => instance.replace(/(?:\.\d+|\/.*)$/, '');

/** Whether any of the words, which may be patterns, is this name. */
export function namesMatcher(words: readonly string[]): (name: string) => boolean {
  const exact = new Set(words);
  const globs = words.filter(isGlob);
  return (name) => exact.has(name) || globs.some((glob) => matchesGlob(glob, name));
}

export interface Selection {
  /** Names of instances, in the order of `instances`, each once. No words mean all of them. */
  readonly names: readonly string[];
  /** Each once. */
  readonly unknown: readonly UnknownName[];
}

export interface UnknownName {
  readonly word: string;
  readonly meant: string | undefined;
}

/** `processes` may contain names without an instance (scaled to 0): they are known, and select nothing. */
export function selectInstances(
  words: readonly string[],
  instances: readonly Named[],
  processes: readonly string[],
): Selection {
  const known = new Set([...processes, ...instances.flatMap(({ name, process }) => [process, name])]);
  const candidates = [...known];
  const isKnown = (word: string) =>
    known.has(word) || (isGlob(word) && candidates.some((name) => matchesGlob(word, name)));
  const unknown = [...new Set(words)]
    .filter((word) => !isKnown(word))
    .map((word) => ({ word, meant: isGlob(word) ? undefined : suggest(word, candidates) }));
  const isNamed = namesMatcher(words);
  const isMeant = ({ name, process }: Named) => words.length === 0 || isNamed(name) || isNamed(process);
  return { names: instances.filter(isMeant).map(({ name }) => name), unknown };
}

/** `process 'wbe'` is unknown; no process matches a pattern. */
export const unknownText = (word: string, sort = 'process'): string =>
  isGlob(word) ? `no ${sort} matches '${word}'` : `unknown ${sort} '${word}'`;

const INTERPRETERS: Readonly<Record<string, string>> = {
  ...{ js: 'node', mjs: 'node', cjs: 'node', ts: 'node', py: 'python3', rb: 'ruby', sh: 'sh' },
};

/** What to do with a word that is the file of a program, as other tools start it: `app.js`. */
export function remedyForFile(word: string): string | undefined {
  const [, name = '', ending = ''] = /^(?:.*\/)?([A-Za-z0-9_-]+)\.([a-z]+)$/.exec(word) ?? [];
  const interpreter = Object.hasOwn(INTERPRETERS, ending) ? INTERPRETERS[ending] : undefined;
  if (interpreter === undefined) return undefined;
  const command = `${interpreter} ${word}`;
  return `add '${name}: ${command}' to the Procfile, or run it with 'procsup run ${command}'`;
}
