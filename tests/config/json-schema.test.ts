import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { whyNot, type Schema } from '../../src/control/schema.ts';
import { readYaml } from '../../src/config/yaml/yaml.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(resolve(PROJECT, path), 'utf8');

/** Our own checker knows of objects with known properties only, and takes no word for 'no others'. */
const schema = JSON.parse(read('dist/procsup.schema.json'), (_, value: unknown) => {
  if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'object') {
    return value;
  }
  const { additionalProperties: others, ...rest } = value as { readonly additionalProperties?: unknown };
  return { properties: {}, ...rest, ...(typeof others === 'object' && { additionalProperties: others }) };
}) as Schema & { readonly [key: string]: unknown };

/** Our own checker knows no patterns of properties. */
const withoutExtensions = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).filter(([key]) => !key.startsWith('x-')))
      : one,
  );

const judged = (value: unknown) => whyNot(schema, value, 'file');

describe('the JSON Schema for editors', () => {
  test('says what it is', () => {
    expect(schema).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      $id: 'urn:procsup:procsup.yaml',
      title: 'procsup.yaml',
    });
  });

  test('is exported under the name in the documentation', () => {
    const found = createRequire(import.meta.url).resolve('procsup/procsup.schema.json');
    expect(found).toBe(resolve(PROJECT, 'dist/procsup.schema.json'));
    expect(read('docs/pipelines.md')).toContain('$schema=./node_modules/procsup/dist/procsup.schema.json\n');
  });

  test('describes every key', () => {
    const nameless: string[] = [];
    const look = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('properties' in value) {
        for (const [key, property] of Object.entries(value.properties as object)) {
          if (!JSON.stringify(property).includes('"description"')) nameless.push(key);
        }
      }
      Object.values(value).forEach(look);
    };
    look(schema);
    expect(nameless).toEqual([]);
  });

  test.each(['pipelines', 'procsup-yaml', 'ports', 'daemon'])(
    'accepts the examples of docs/%s.md',
    (page) => {
      const examples = [...read(`docs/${page}.md`).matchAll(/```yaml\n([^]*?)```/g)];
      for (const [, example = ''] of examples) {
        const { value } = readYaml(page, example);
        expect([example, judged(withoutExtensions(value))]).toEqual([example, undefined]);
      }
      expect(examples.length).toBeGreaterThan(0);
    },
  );

  test('lets keys that begin with x- be where keys are known', () => {
    const closed = JSON.stringify(JSON.parse(read('dist/procsup.schema.json'))).match(
      /"additionalProperties":false/g,
    );
    const open = read('dist/procsup.schema.json').match(/"\^x-": \{\}/g);
    expect(open?.length).toBeGreaterThan(5);
    expect(open).toHaveLength(closed?.length ?? -1);
  });

  test.each([
    {},
    { pipelines: null },
    { pipelines: { a: 'x | y', b: ['x', { name: 'n-1', command: 'y', restart: 'never' }] } },
    { pipelines: { a: { stages: 'x', drain: 0 }, b: { stages: ['x'], drain: '1m30s' } } },
    { pipelines: { a: { stages: 'x', drain: '1.5' }, b: { stages: 'x', drain: '500ms' } } },
    {
      defaults: null,
      processes: { web: null, b: { stdin: null, restart: 'on-failure:3', command: ['a', 1] } },
    },
  ])('accepts %j', (value) => {
    expect(judged(value)).toBeUndefined();
  });

  test.each([
    { pipeline: {} },
    { pipelines: { a: 5 } },
    { pipelines: { 'a b': 'x' } },
    { pipelines: { a: '' } },
    { pipelines: { a: {} } },
    { pipelines: { a: { stages: 'x', stage: 'y' } } },
    { pipelines: { a: { stages: 'x', restart: 'no' } } },
    { pipelines: { a: { stages: 'x', drain: 'soon' } } },
    { pipelines: { a: { stages: 'x', drain: '' } } },
    { pipelines: { a: { stages: 'x', drain: -1 } } },
    { pipelines: { a: [{ command: 'x', retsart: 'never' }] } },
    { pipelines: { a: [{ name: 'n' }] } },
    { pipelines: { a: [{ name: '12', command: 'x' }] } },
    { defaults: { command: 'x' } },
    { processes: { web: { restart: 'maybe' } } },
    { processes: { web: { ready: { htpt: '/' } } } },
    { processes: { web: { ready: { tcp: 70_000 } } } },
    { processes: { web: { depends_on: { db: { condition: 'helthy' } } } } },
    { processes: { web: { instances: -1 } } },
    { processes: { web: { kind: 'tsak' } } },
  ])('rejects %j', (value) => {
    expect(judged(value)).toBeDefined();
  });

  test('wants one stage at least', () => {
    expect(read('dist/procsup.schema.json').match(/"minItems": 1/g)).toHaveLength(2);
  });
});
