/** Which instances are meant: `web` means every instance of a process, `web.2` one. */
import { suggest } from '../../text/suggest.ts';

export interface Named {
  readonly name: string;
  readonly process: string;
}

/** `web` of `web.1`, `ingest` of `ingest/parse`. */
export const processIn = (instance: string): string => instance.replace(/(?:\.\d+|\/.*)$/, '');

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
  const wanted = new Set(words);
  const candidates = [...known];
  const unknown = [...wanted]
    .filter((word) => !known.has(word))
    .map((word) => ({ word, meant: suggest(word, candidates) }));
  const isMeant = ({ name, process }: Named) => wanted.size === 0 || wanted.has(name) || wanted.has(process);
  return { names: instances.filter(isMeant).map(({ name }) => name), unknown };
}
