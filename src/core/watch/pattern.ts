/**
 * Patterns of paths, matched one name at a time on the way down from `/`, so that a directory is never entered in vain. A
 * pattern that matches a directory stands for all below it. Brackets are ordinary characters: `app/[id]/page.tsx` is a path.
 */
import { isGlob, matchesGlob } from '../../text/glob.ts';

export interface PathPattern {
  /** From `/`. Those before `globFrom` are names, not globs. */
  readonly names: readonly string[];
  readonly globFrom: number;
}

/** Where a pattern may go on below a directory: places in its names, its length for "all of it"; empty: nowhere. */
export type Places = readonly number[];

const ANY_DEPTH = '**';
const MOST_ALTERNATIVES = 100;

/** `text` is relative to `root`, which is absolute and taken literally. Several: one for each alternative in braces. */
export function pathPatterns(text: string, root: string): readonly PathPattern[] {
  return alternatives(text).map((one) => {
    const names = one.startsWith('/') ? [] : namesOf(root);
    let globFrom: number | undefined;
    for (const name of one.split('/')) {
      if (name === '' || name === '.') continue;
      if (name === '..' && globFrom === undefined) {
        names.pop();
        continue;
      }
      if (isGlob(name)) globFrom ??= names.length;
      names.push(name);
    }
    return { names, globFrom: globFrom ?? names.length };
  });
}

/** `src/{a,b}` is `src/a` and `src/b`. Braces without a comma, and those that are not closed, are ordinary characters. */
function alternatives(text: string): readonly string[] {
  let all = [text];
  for (;;) {
    const next = all.flatMap((one) => {
      const [whole, before = '', inner = '', after = ''] = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(one) ?? [];
      return whole === undefined ? [one] : inner.split(',').map((choice) => `${before}${choice}${after}`);
    });
    if (next.length === all.length || next.length > MOST_ALTERNATIVES) return all;
    all = next;
  }
}

export const namesOf = (path: string): string[] => path.split('/').filter((name) => name !== '');

/** The part of it that is a path: where a watch begins. */
export const baseOf = ({ names, globFrom }: PathPattern): string => `/${names.slice(0, globFrom).join('/')}`;

export const isPlain = ({ names, globFrom }: PathPattern): boolean => names.length === globFrom;

export const atRoot = (pattern: PathPattern): Places => closed(pattern, [0]);

/** Of the entry `name` of a directory. */
export function into(pattern: PathPattern, places: Places, name: string): Places {
  const { names, globFrom } = pattern;
  const [only] = places;
  // The usual case: below a directory that is watched as a whole.
  if (places.length === 1 && only === names.length) return places;
  const next = places.flatMap((place) => {
    const own = names[place];
    if (own === undefined) return [place];
    if (place < globFrom) return own === name ? [place + 1] : [];
    if (own === ANY_DEPTH) return [place];
    return matchesGlob(own, name) ? [place + 1] : [];
  });
  return closed(pattern, next);
}

/** `**` may also stand for no directory. */
function closed({ names, globFrom }: PathPattern, places: readonly number[]): Places {
  const all = new Set(places);
  for (const place of all) if (place >= globFrom && names[place] === ANY_DEPTH) all.add(place + 1);
  return all.has(names.length) ? [names.length] : [...all];
}

export const isMatch = ({ names }: PathPattern, places: Places): boolean => places[0] === names.length;
