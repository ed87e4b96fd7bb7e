/** The wording of what is wrong with a YAML document beside its syntax. */
import type { Place, Problem } from '../../core/problem.ts';

function error(code: string, message: string, place: Place, remedy: string): Problem {
  return { code, severity: 'error', message, place, remedy };
}

export const nulByte = (place: Place): Problem =>
  error(
    'yaml-nul',
    'the file contains a NUL byte',
    place,
    'remove the byte, or save the file as plain UTF-8 text',
  );

export const tooDeep = (levels: number, place: Place): Problem =>
  error(
    'yaml-deep',
    `nested too deeply (the limit is ${String(levels)} levels)`,
    place,
    'put a string with brackets in quotes',
  );

export const duplicateKey = (key: string, first: number, place: Place): Problem =>
  error(
    'yaml-duplicate-key',
    `duplicate key '${key}' in lines ${String(first)} and ${String(place.line)}`,
    place,
    'rename one of them, or remove it',
  );

export const unknownAlias = (name: string, place: Place): Problem =>
  error(
    'yaml-unknown-alias',
    `unknown anchor '&${name}'`,
    place,
    'put a string that starts with * in quotes',
  );

export const wrongMerge = (place: Place): Problem =>
  error(
    'yaml-merge',
    "'<<' must name a map, or a list of maps",
    place,
    "use for example '<<: *base', with 'x-base: &base' above",
  );

export const manyAliases = (place: Place): Problem =>
  error(
    'yaml-aliases',
    'too many aliases, or aliases that expand to too many values',
    place,
    'write out their values',
  );
