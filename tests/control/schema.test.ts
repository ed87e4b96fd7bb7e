import { describe, expect, expectTypeOf, test } from 'vitest';
import { fromWords, whyNot, type Infer, type Schema } from '../../src/control/schema.ts';

const STRING = { type: 'string' } as const;
const INTEGER = { type: 'integer' } as const;
const OBJECT = {
  type: 'object',
  properties: { name: STRING, count: { type: 'integer', minimum: 1, maximum: 3 } },
  required: ['name'],
} as const;
const COUNTS = {
  type: 'object',
  properties: {},
  additionalProperties: INTEGER,
  propertyNames: { type: 'string', pattern: '^[a-z]+$', maxLength: 3 },
  maxProperties: 2,
} as const;

/** `JSON.parse` makes properties of names that a literal cannot. */
const json = (text: string): unknown => JSON.parse(text) as unknown;

describe('what is as described', () => {
  const cases: readonly (readonly [Schema, unknown])[] = [
    [STRING, ''],
    [{ type: 'string', maxLength: 2 }, '😀😀'],
    [{ type: 'string', enum: ['a', 'b'] }, 'b'],
    [{ type: 'string', pattern: '^x+$' }, 'xx'],
    [INTEGER, -0],
    [INTEGER, 1e15],
    [{ type: 'number', minimum: 0, maximum: 1 }, 0.5],
    [{ type: 'boolean' }, false],
    [{ type: 'null' }, null],
    [{ type: 'array', items: STRING, maxItems: 2 }, ['a', 'b']],
    [{ type: 'array', items: STRING }, []],
    [OBJECT, { name: 'a' }],
    [OBJECT, { name: 'a', count: 3 }],
    [COUNTS, { a: 1, b: 2 }],
    [{ type: 'object', properties: {}, additionalProperties: true }, { any: { thing: [null] } }],
    [{ anyOf: [STRING, { type: 'null' }] }, null],
  ];
  test.each(cases)('%j takes %j', (schema, value) => {
    expect(whyNot(schema, value, 'it')).toBeUndefined();
  });
});

describe('what is not, and why', () => {
  const cases: readonly (readonly [Schema, unknown, string])[] = [
    [STRING, 1, 'it must be a string'],
    [STRING, undefined, 'it must be a string'],
    [{ type: 'string', maxLength: 2 }, 'abc', 'it is too long (3 characters; the limit is 2)'],
    [{ type: 'string', enum: ['a', 'b'] }, 'c', 'it must be one of a, b'],
    [{ type: 'string', enum: ['a'] }, 'constructor', 'it must be one of a'],
    [{ type: 'string', pattern: '^x+$' }, 'xx\n', 'it must match ^x+$'],
    [{ type: 'string', title: 'name', pattern: '^x+$' }, 'x\n\u001b[2J', "invalid name 'x??[2J'"],
    [{ type: 'string', title: 'name', pattern: '^x+$' }, 'y'.repeat(1e6), `invalid name '${'y'.repeat(63)}'`],
    [
      { type: 'string', title: 'name', maxLength: 2 },
      'abc',
      'name is too long (3 characters; the limit is 2)',
    ],
    [INTEGER, '1', 'it must be a number'],
    [INTEGER, NaN, 'it must be a number'],
    [INTEGER, Infinity, 'it must be a number'],
    [INTEGER, 1.5, 'it must be an integer'],
    [{ type: 'number', minimum: 0 }, -0.1, 'it must be at least 0'],
    [{ type: 'number', maximum: 0 }, 0.1, 'it must be at most 0'],
    [{ type: 'boolean' }, 'true', 'it must be true or false'],
    [{ type: 'null' }, undefined, 'it must be null'],
    [{ type: 'array', items: STRING }, { length: 0 }, 'it must be a list'],
    [{ type: 'array', items: STRING, maxItems: 1 }, ['a', 'b'], 'it must have at most 1 items'],
    [{ type: 'array', items: STRING }, ['a', 2], 'it[1] must be a string'],
    [OBJECT, null, 'it must be an object'],
    [OBJECT, [], 'it must be an object'],
    [OBJECT, {}, "missing property 'name' in it"],
    [OBJECT, Object.create({ name: 'inherited' }), "missing property 'name' in it"],
    [OBJECT, { name: 1 }, 'it.name must be a string'],
    [OBJECT, { name: 'a', count: 4 }, 'it.count must be at most 3'],
    [OBJECT, { name: 'a', more: 1 }, "unknown property 'more' in it"],
    [OBJECT, json('{"name":"a","__proto__":{}}'), "unknown property '__proto__' in it"],
    [OBJECT, { name: 'a', constructor: 1 }, "unknown property 'constructor' in it"],
    [OBJECT, { name: 'a', ['x'.repeat(1e6)]: 1 }, `unknown property '${'x'.repeat(63)}' in it`],
    [COUNTS, { a: 1, b: 2, c: 3 }, 'it must have at most 2 properties'],
    [COUNTS, json('{"__proto__":1}'), 'property name in it is too long (9 characters; the limit is 3)'],
    [COUNTS, { 'a/b': 1 }, 'property name in it must match ^[a-z]+$'],
    [COUNTS, { a: 'b' }, 'it.a must be a number'],
    [{ anyOf: [STRING, { type: 'null' }] }, 1, 'it must be a string'],
  ];
  test.each(cases)('%j refuses %j', (schema, value, why) => {
    expect(whyNot(schema, value, 'it')).toBe(why);
  });

  test('a name that somebody made up is not repeated at length', () => {
    const open = { type: 'object', properties: {}, additionalProperties: INTEGER } as const;
    expect(whyNot(open, { ['x'.repeat(1e6)]: 'y' }, 'it')).toBe(`it.${'x'.repeat(63)} must be a number`);
  });

  test('a value is looked into as deep as the schema goes, and no deeper', () => {
    const depth = 100_000;
    const deep = json(`{"name":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    expect(whyNot(OBJECT, deep, 'it')).toBe('it.name must be a string');
  });

  test('a huge list is refused by its length', () => {
    const names = { type: 'array', items: STRING, maxItems: 1000 } as const;
    const touched = new Proxy(new Array<string>(1e6), {
      get: (list, key) => (key === 'length' ? list.length : expect.fail(`looked at ${String(key)}`)),
    });
    expect(whyNot(names, touched, 'it')).toBe('it must have at most 1000 items');
  });
});

describe('words of a query', () => {
  const cases: readonly (readonly [Schema, readonly string[], unknown])[] = [
    [STRING, ['a', 'b'], 'b'],
    [STRING, [], ''],
    [INTEGER, ['12'], 12],
    [INTEGER, ['-12'], -12],
    [INTEGER, ['1.50'], 1.5],
    [INTEGER, ['0x10'], '0x10'],
    [INTEGER, ['1e3'], '1e3'],
    [INTEGER, [''], ''],
    [INTEGER, ['NaN'], 'NaN'],
    [INTEGER, ['9'.repeat(400)], Infinity],
    [{ type: 'boolean' }, ['true'], true],
    [{ type: 'boolean' }, [''], true],
    [{ type: 'boolean' }, ['1'], true],
    [{ type: 'boolean' }, ['false'], false],
    [{ type: 'boolean' }, ['0'], false],
    [{ type: 'boolean' }, ['yes'], 'yes'],
    [{ type: 'boolean' }, ['constructor'], 'constructor'],
    [{ type: 'boolean' }, ['__proto__'], '__proto__'],
    [{ type: 'array', items: STRING }, ['a,b', 'c'], ['a', 'b', 'c']],
    [{ type: 'array', items: STRING }, [''], []],
    [{ type: 'array', items: STRING }, [',,'], []],
    [OBJECT, ['{}'], '{}'],
  ];
  test.each(cases)('%j makes of %j: %j', (schema, words, value) => {
    expect(fromWords(schema, words)).toEqual(value);
  });
});

test('the types that schemas describe', () => {
  expectTypeOf<Infer<typeof OBJECT>>().branded.toEqualTypeOf<{
    readonly name: string;
    readonly count?: number;
  }>();
  expectTypeOf<Infer<{ type: 'string'; enum: readonly ['a', 'b'] }>>().toEqualTypeOf<'a' | 'b'>();
  expectTypeOf<Infer<{ type: 'array'; items: { type: 'boolean' } }>>().toEqualTypeOf<readonly boolean[]>();
  expectTypeOf<Infer<{ anyOf: readonly [{ type: 'null' }, { type: 'number' }] }>>().toEqualTypeOf<
    number | null
  >();
  expectTypeOf<Infer<typeof COUNTS>[string]>().toEqualTypeOf<number>();
  expectTypeOf<
    Infer<{ type: 'object'; properties: object; additionalProperties: true }>[string]
  >().toEqualTypeOf<unknown>();
});
