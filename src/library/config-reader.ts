/** Reads values that a program has given us. Each function returns undefined for what is not given, or is wrong. */
import { LONGEST_DURATION_MS } from '../text/duration.ts';
import type { Problem } from '../core/problem.ts';
import { quoteWords } from '../core/shell/words.ts';
import { suggest } from '../text/suggest.ts';

export type Fields = Readonly<Record<string, unknown>>;
export type Variables = Readonly<Record<string, string | undefined>>;

export type ConfigReader = ReturnType<typeof createConfigReader>;

/** Adds to `problems` what is wrong. */
export function createConfigReader(problems: Problem[]) {
  const wrong = (code: string, message: string, remedy?: string): void => {
    problems.push({ code, severity: 'error', message, ...(remedy !== undefined && { remedy }) });
  };

  const wrongType = (name: string, wanted: string, given: unknown): void =>
    wrong('config-type', `'${name}' must be ${wanted}, got ${described(given)}`);

  const hasNul = (text: string, name: string): boolean => {
    const has = text.includes('\0');
    if (has) wrong('config-nul', `'${name}' has a NUL byte, which no program can be given`);
    return has;
  };

  const object = (given: unknown, name: string): Fields | undefined => {
    if (given === undefined || isObject(given)) return given;
    wrongType(name, 'an object', given);
    return undefined;
  };

  const text = (given: unknown, name: string): string | undefined => {
    if (given === undefined) return undefined;
    if (typeof given === 'string' && given !== '') return hasNul(given, name) ? undefined : given;
    wrongType(name, 'a string that is not empty', given);
    return undefined;
  };

  const integer = (given: unknown, name: string, least: number, most: number): number | undefined => {
    if (given === undefined) return undefined;
    if (typeof given === 'number' && Number.isInteger(given) && given >= least && given <= most) return given;
    wrongType(name, `a whole number from ${String(least)} to ${String(most)}`, given);
    return undefined;
  };

  const isVariable = (name: string, variable: string, value: unknown): boolean => {
    if (variable === '' || variable.includes('=')) {
      wrong('config-variable', `invalid variable '${variable}' in '${name}'`);
      return false;
    }
    if (value === undefined) return !hasNul(variable, name);
    if (typeof value === 'string') return !hasNul(variable + value, `${name}.${variable}`);
    wrongType(`${name}.${variable}`, 'a string', value);
    return false;
  };

  return {
    ...{ wrong, wrongType, object, text, integer },

    onlyKnown(given: Fields, known: readonly string[], where = ''): void {
      for (const key of Object.keys(given)) {
        if (known.includes(key)) continue;
        const meant = suggest(key, known);
        const remedy = meant === undefined ? `known are ${known.join(', ')}` : `did you mean '${meant}'?`;
        wrong('config-unknown-key', `unknown key '${where}${key}'`, remedy);
      }
    },

    texts(given: unknown, name: string): readonly string[] | undefined {
      if (given === undefined) return undefined;
      if (Array.isArray(given)) {
        return given.flatMap((one: unknown, at) => text(one ?? null, `${name}[${String(at)}]`) ?? []);
      }
      wrongType(name, 'an array of strings', given);
      return undefined;
    },

    milliseconds: (given: unknown, name: string) => integer(given, name, 0, LONGEST_DURATION_MS),

    choice<Word extends string>(given: unknown, name: string, words: readonly Word[]): Word | undefined {
      if (given === undefined) return undefined;
      const word = words.find((each) => each === given);
      if (word !== undefined) return word;
      const meant = typeof given === 'string' ? suggest(given, words) : undefined;
      const remedy = meant === undefined ? `use one of ${words.join(', ')}` : `did you mean '${meant}'?`;
      wrong('config-choice', `invalid value ${described(given)} for '${name}'`, remedy);
      return undefined;
    },

    flag(given: unknown, name: string): boolean {
      if (given !== undefined && typeof given !== 'boolean') wrongType(name, 'true or false', given);
      return given === true;
    },

    variables(given: unknown, name: string): Variables | undefined {
      const entries = Object.entries(object(given, name) ?? {});
      const fine = entries.filter(([variable, value]) => isVariable(name, variable, value));
      return given === undefined ? undefined : (Object.fromEntries(fine) as Variables);
    },

    counts(given: unknown, name: string, most: number): Readonly<Record<string, number>> {
      const entries = Object.entries(object(given, name) ?? {});
      return Object.fromEntries(
        entries.flatMap(([key, count]) => {
          const read = integer(count ?? null, `${name}.${key}`, 0, most);
          return read === undefined ? [] : [[key, read]];
        }),
      );
    },

    /** As a command line for a shell. */
    command(given: unknown, name: string): string | undefined {
      const words: readonly unknown[] = Array.isArray(given) ? given : [given];
      if (!areTexts(words) || (words[0] ?? '').trim() === '') {
        wrongType(name, 'a command line, or an array of a program and its arguments', given);
        return undefined;
      }
      if (hasNul(words.join(' '), name)) return undefined;
      return typeof given === 'string' ? given.trim() : quoteWords(words);
    },

    abortSignal(given: unknown, name: string): AbortSignal | undefined {
      if (given === undefined || isAbortSignal(given)) return given;
      wrongType(name, 'an AbortSignal', given);
      return undefined;
    },
  };
}

export const isObject = (given: unknown): given is Fields =>
  typeof given === 'object' && given !== null && !Array.isArray(given);

const areTexts = (words: readonly unknown[]): words is readonly string[] =>
  words.every((word) => typeof word === 'string');

const isAbortSignal = (given: unknown): given is AbortSignal =>
  isObject(given) && 'aborted' in given && 'addEventListener' in given;

/** For the end of a sentence: `'x'`, `5`, `an array`. */
function described(given: unknown): string {
  if (typeof given === 'string') return `'${given}'`;
  if (Array.isArray(given)) return 'an array';
  if (typeof given === 'number' || typeof given === 'boolean' || given === null || given === undefined) {
    return String(given);
  }
  return typeof given === 'object' ? 'an object' : `a ${typeof given}`;
}
