import { expand } from 'dotenv-expand';

/** One value at a time has no name: dotenv-expand would prefer a variable of that name in the environment to it. */
const NAMELESS = '';

/**
 * Replaces `$NAME`, `${NAME}` and `${NAME:-default}` in the values of an environment file, by the rules of dotenv-expand. A
 * name stands for an earlier value of the files, else for a variable of `env`, else for nothing. Values of `literal` names
 * stay as they are. `env` is not changed.
 */
export function expandValues(
  values: Readonly<Record<string, string>>,
  literal: ReadonlySet<string>,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const known = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, inert(value)]])),
  );
  const expanded = Object.entries(values).map(([name, value]): [string, string] => {
    const result = literal.has(name) ? value : expandOne(value, known);
    known[name] = inert(result);
    return [name, result];
  });
  return Object.fromEntries(expanded);
}

function expandOne(value: string, known: Record<string, string>): string {
  const { parsed } = expand({ parsed: { [NAMELESS]: value }, processEnv: known });
  // What it has noted there would be the next result.
  known[NAMELESS] = '';
  return parsed?.[NAMELESS] ?? value;
}

/**
 * dotenv-expand would expand what it has inserted once more, and it inserts by `String.replace`, to which `$&` and `$$` mean
 * something: a password with a `$` in it would be changed.
 */
const inert = (value: string): string => value.replaceAll('$', String.raw`\$$$$`);
