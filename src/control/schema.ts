/**
 * The subset of JSON Schema (draft 2020-12) that the API uses. It is small enough to be checked by hand, and plain
 * data, so the OpenAPI document is built from the schemas that requests are checked against. A schema library would
 * take 11 MB of the daemon's 70 MB, and 80 ms.
 */

export type Schema =
  | {
      readonly type: 'string';
      /** What the string is, for messages: `invalid process name 'a*'`. */
      readonly title?: string;
      readonly enum?: readonly string[];
      readonly maxLength?: number;
      readonly pattern?: string;
    }
  | { readonly type: 'integer' | 'number'; readonly minimum?: number; readonly maximum?: number }
  | { readonly type: 'boolean' }
  | { readonly type: 'null' }
  | { readonly type: 'array'; readonly items: Schema; readonly maxItems?: number }
  | ObjectSchema
  | { readonly anyOf: readonly Schema[] }
  | AnySchema;

/** Any value at all. */
export interface AnySchema {
  readonly description: string;
}

export interface ObjectSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** Schema of properties that are not listed; `true` allows anything. Without it they are not allowed. */
  readonly additionalProperties?: Schema | true;
  readonly propertyNames?: Extract<Schema, { readonly type: 'string' }>;
  readonly maxProperties?: number;
}

/** A schema of an object with these properties and no others. */
export const object = <const P, const R extends readonly string[] = []>(properties: P, required?: R) =>
  ({ type: 'object', properties, ...(required && { required }) }) as const as {
    readonly type: 'object';
    readonly properties: P;
    readonly required: R;
  };

/** The values that a schema describes. */
export type Infer<S> = S extends { readonly anyOf: readonly (infer One)[] }
  ? Infer<One>
  : S extends { readonly type: 'string'; readonly enum: readonly (infer Word)[] }
    ? Word
    : S extends { readonly type: 'string' }
      ? string
      : S extends { readonly type: 'integer' | 'number' }
        ? number
        : S extends { readonly type: 'boolean' }
          ? boolean
          : S extends { readonly type: 'null' }
            ? null
            : S extends { readonly type: 'array'; readonly items: infer Item }
              ? readonly Infer<Item>[]
              : S extends { readonly type: 'object'; readonly properties: infer Properties }
                ? InferObject<S, Properties>
                : S extends AnySchema
                  ? unknown
                  : never;

type InferObject<S, Properties> = {
  readonly [Name in keyof Properties as Name extends RequiredOf<S> ? Name : never]: Infer<Properties[Name]>;
} & {
  readonly [Name in keyof Properties as Name extends RequiredOf<S> ? never : Name]?: Infer<Properties[Name]>;
} & (S extends { readonly additionalProperties: infer Rest }
    ? Readonly<Record<string, Rest extends true ? unknown : Infer<Rest>>>
    : unknown);

type RequiredOf<S> = S extends { readonly required: readonly (infer Name)[] } ? Name : never;

/** Why `value` is invalid, in a sentence that names the place (`where`, as in `names[1]`); undefined if it is valid. */
export function whyNot(schema: Schema, value: unknown, where: string): string | undefined {
  if ('anyOf' in schema) {
    const reasons = schema.anyOf.map((one) => whyNot(one, value, where));
    return reasons.includes(undefined) ? undefined : reasons[0];
  }
  if (!('type' in schema)) return undefined;
  switch (schema.type) {
    case 'string':
      return whyNotString(schema, value, where);
    case 'integer':
    case 'number':
      return whyNotNumber(schema, value, where);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `${where} must be true or false`;
    case 'null':
      return value === null ? undefined : `${where} must be null`;
    case 'array':
      return whyNotArray(schema, value, where);
    case 'object':
      return whyNotObject(schema, value, where);
  }
}

function whyNotString(
  schema: Extract<Schema, { type: 'string' }>,
  value: unknown,
  where: string,
): string | undefined {
  if (typeof value !== 'string') return `${where} must be a string`;
  if (schema.enum && !schema.enum.includes(value)) return `${where} must be one of ${schema.enum.join(', ')}`;
  // JSON Schema counts characters, JavaScript UTF-16 units: never fewer.
  const { maxLength = Infinity } = schema;
  if (value.length > maxLength && Array.from(value).length > maxLength) {
    const { length } = Array.from(value);
    return `${schema.title ?? where} is too long (${String(length)} characters; the limit is ${String(maxLength)})`;
  }
  const { pattern } = schema;
  if (pattern === undefined || new RegExp(pattern, 'u').test(value)) return undefined;
  return schema.title === undefined
    ? `${where} must match ${pattern}`
    : `invalid ${schema.title} '${shown(value)}'`;
}

function whyNotNumber(
  { type, minimum = -Infinity, maximum = Infinity }: Extract<Schema, { type: 'integer' | 'number' }>,
  value: unknown,
  where: string,
): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return `${where} must be a number`;
  if (type === 'integer' && !Number.isInteger(value)) return `${where} must be an integer`;
  if (value < minimum) return `${where} must be at least ${String(minimum)}`;
  return value > maximum ? `${where} must be at most ${String(maximum)}` : undefined;
}

function whyNotArray(
  { items, maxItems = Infinity }: Extract<Schema, { type: 'array' }>,
  value: unknown,
  where: string,
): string | undefined {
  if (!Array.isArray(value)) return `${where} must be a list`;
  if (value.length > maxItems) return `${where} must have at most ${String(maxItems)} items`;
  return first(value, (item, index) => whyNot(items, item, `${where}[${String(index)}]`));
}

/** The part of a client's own text that is repeated in a message. */
const MOST_SHOWN = 63;
const shown = (text: string): string => text.slice(0, MOST_SHOWN).replace(/\p{Cc}/gu, '?');

function whyNotObject(schema: ObjectSchema, value: unknown, where: string): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `${where} must be an object`;
  const missing = schema.required?.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return `missing property '${missing}' in ${where}`;
  const entries = Object.entries(value);
  const { maxProperties = Infinity, propertyNames } = schema;
  if (entries.length > maxProperties) return `${where} must have at most ${String(maxProperties)} properties`;
  return first(entries, ([name, one]) => {
    const known = Object.hasOwn(schema.properties, name)
      ? schema.properties[name]
      : schema.additionalProperties;
    if (known === undefined) return `unknown property '${shown(name)}' in ${where}`;
    const wrongName = propertyNames && whyNot(propertyNames, name, `property name in ${where}`);
    if (wrongName !== undefined || known === true) return wrongName;
    return whyNot(known, one, `${where}.${shown(name)}`);
  });
}

function first<T>(
  items: readonly T[],
  look: (item: T, index: number) => string | undefined,
): string | undefined {
  for (const [index, item] of items.entries()) {
    const found = look(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Converts words of a query string to the schema's types; a word that cannot be converted is refused later. */
export function fromWords(schema: Schema, words: readonly string[]): unknown {
  if ('anyOf' in schema) return words[0];
  if (!('type' in schema)) return jsonOr(words.at(-1) ?? '');
  const word = words.at(-1) ?? '';
  switch (schema.type) {
    case 'array':
      return words.flatMap((each) => each.split(',')).filter((each) => each !== '');
    case 'integer':
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(word) ? Number(word) : word;
    case 'boolean':
      return FLAG_WORDS.get(word) ?? word;
    case 'string':
    case 'null':
    case 'object':
      return word;
  }
}

function jsonOr(word: string): unknown {
  try {
    return JSON.parse(word) as unknown;
  } catch {
    return word;
  }
}

/** A word without a value (`?follow`) is true. */
const FLAG_WORDS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['', true],
  ['false', false],
  ['0', false],
]);
