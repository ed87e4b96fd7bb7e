/** Resolves names to instances, in the same way for every handler. */
import { processIn, remedyForFile, unknownText, type UnknownName } from '../core/plan/select.ts';
import type { Api } from './api.ts';
import { Refused } from './route.ts';

/** Names of instances; no words mean all. Throws `Refused` for an unknown name. */
export function chosen(api: Api, words: readonly string[] = []): readonly string[] {
  const { names, unknown } = api.select(words);
  if (unknown.length === 0) return names;
  const message = unknown.map(({ word }) => unknownText(word)).join('; ');
  throw new Refused(404, 'unknown-process', message, remedyFor(unknown, api.about().instances));
}

/** As `chosen`, but at least one instance is required. */
export function chosenSome(api: Api, words: readonly string[] = []): readonly string[] {
  const names = chosen(api, words);
  if (names.length > 0) return names;
  const message =
    words.length === 0
      ? 'no process has any instances'
      : `no instances of ${words.map((word) => `'${word}'`).join(', ')}`;
  throw new Refused(409, 'no-instances', message, `add one with 'procsup scale ${words[0] ?? 'NAME'}=1'`);
}

/** Of more processes than this the names are left to `ps`. */
const MOST_LISTED = 20;

function remedyFor(unknown: readonly UnknownName[], instances: readonly string[]): string {
  const meant = [...new Set(unknown.flatMap((one) => one.meant ?? []))];
  if (meant.length > 0) return `did you mean ${meant.map((word) => `'${word}'`).join(', ')}?`;
  const [{ word }] = unknown as readonly [UnknownName];
  const names = [...new Set(instances.map(processIn))];
  const isListed = names.length > 0 && names.length <= MOST_LISTED;
  return (
    remedyForFile(word) ??
    (isListed ? `known processes: ${names.join(', ')}` : "list the names with 'procsup ps'")
  );
}
