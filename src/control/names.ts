/** From words to instances, for every handler in the same way. */
import type { UnknownName } from '../core/plan/select.ts';
import type { Api } from './api.ts';
import { Refused } from './route.ts';

/** Names of instances; no words mean all. Throws `Refused` where one of the words names nothing. */
export function chosen(api: Api, words: readonly string[] = []): readonly string[] {
  const { names, unknown } = api.select(words);
  if (unknown.length === 0) return names;
  const message = unknown.map(({ word }) => `no process is named '${word}'`).join('; ');
  throw new Refused(404, 'unknown-process', message, remedyFor(unknown));
}

/** As `chosen`, where there must be somebody to do something with. */
export function chosenSome(api: Api, words: readonly string[] = []): readonly string[] {
  const names = chosen(api, words);
  if (names.length > 0) return names;
  const message =
    words.length === 0
      ? 'nothing has an instance at present'
      : `${words.map((word) => `'${word}'`).join(', ')} has no instance at present`;
  throw new Refused(409, 'no-instances', message, `give it some: procsup scale ${words[0] ?? 'NAME'}=1`);
}

function remedyFor(unknown: readonly UnknownName[]): string {
  const meant = [...new Set(unknown.flatMap((one) => one.meant ?? []))];
  return meant.length > 0
    ? `did you mean ${meant.map((word) => `'${word}'`).join(', ')}?`
    : "see 'procsup ps' for the names";
}
