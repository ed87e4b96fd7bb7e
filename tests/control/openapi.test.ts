import { describe, expect, test } from 'vitest';
import { openApi } from '../../src/control/openapi.ts';
import { OPENAPI } from '../../src/control/reply-schemas.ts';
import { ROUTES } from '../../src/control/routes.ts';
import { whyNot } from '../../src/control/schema.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly { name: string; in: string; required: boolean; schema: object }[];
  readonly requestBody?: { required: boolean; content: Readonly<Record<string, { schema: object }>> };
  readonly responses: Readonly<
    Record<string, { description: string; content: Readonly<Record<string, { schema: object }>> }>
  >;
}

interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

// As a client gets it.
const DOCUMENT = JSON.parse(JSON.stringify(openApi(ROUTES, '1.2.3'))) as Document;

const operations = (): readonly Operation[] =>
  Object.values(DOCUMENT.paths).flatMap((one) => Object.values(one));

test('its head', () => {
  expect(DOCUMENT.openapi).toBe('3.1.0');
  expect(DOCUMENT.info).toMatchObject({ title: 'procsup', version: '1.2.3' });
  expect(whyNot(OPENAPI, DOCUMENT, 'it')).toBeUndefined();
});

test('every route is there', () => {
  const told = Object.entries(DOCUMENT.paths).flatMap(([path, verbs]) =>
    Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path}`),
  );
  expect(told).toEqual(ROUTES.map(({ verb, path }) => `${verb} ${path}`));
  expect(told).toEqual([
    'GET /v1/supervisor',
    'GET /v1/processes',
    'POST /v1/start',
    'POST /v1/stop',
    'POST /v1/restart',
    'POST /v1/scale',
    'POST /v1/kill',
    'POST /v1/reload',
    'POST /v1/down',
    'GET /v1/wait',
    'GET /v1/why',
    'GET /v1/analyze',
    'GET /v1/events',
    'GET /v1/logs',
    'GET /v1/stats',
    'POST /v1/input',
    'GET /v1/terminal',
    'POST /v1/resize',
    'GET /v1/caps',
    'POST /v1/claim',
    'GET /v1/pools',
    'POST /v1/pools/{name}/run',
    'GET /v1/shm',
    'POST /v1/shm/create',
    'POST /v1/shm/rm',
    'GET /v1/exchange',
    'GET /v1/session',
    'GET /v1/locks',
    'POST /v1/queues/{name}/put',
    'POST /v1/queues/{name}/get',
    'POST /v1/queues/{name}/ack',
    'POST /v1/queues/{name}/nack',
    'POST /v1/queues/{name}/extend',
    'GET /v1/queues',
    'GET /v1/queues/{name}/peek',
    'GET /v1/queues/{name}/dead',
    'POST /v1/queues/{name}/retry',
    'POST /v1/queues/{name}/rm',
    'POST /v1/queues/{name}/drain',
    'POST /v1/queues/{name}/pause',
    'POST /v1/queues/{name}/resume',
    'POST /v1/queues/{name}/set',
    'GET /v1/values/{name}/get',
    'POST /v1/values/{name}/set',
    'POST /v1/values/{name}/incr',
    'POST /v1/values/{name}/cas',
    'POST /v1/values/{name}/rm',
    'GET /v1/values/{name}/watch',
    'GET /v1/values',
    'POST /v1/flags/{name}/set',
    'POST /v1/flags/{name}/clear',
    'GET /v1/flags/{name}/get',
    'GET /v1/flags/{name}/wait',
    'GET /v1/flags',
    'POST /v1/barriers/{name}/wait',
    'GET /v1/barriers',
    'POST /v1/channels/{name}/rm',
    'GET /v1/channels',
    'GET /v1/openapi.json',
  ]);
});

test('two verbs at one path are both there', () => {
  const [first] = ROUTES;
  if (first === undefined) return expect.fail('no routes');
  const both = openApi([first, { ...first, verb: 'POST' }], '1') as Document;
  expect(Object.keys(both.paths[first.path] ?? {})).toEqual(['get', 'post']);
});

test('operations have names of their own, and words', () => {
  const ids = operations().map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z]+$/);
  for (const { summary } of operations()) expect(summary).toMatch(/^[A-Z].*\.$/);
});

test('a GET has parameters, a POST a header for who asks, and a body that is required where something in it is', () => {
  expect(DOCUMENT.paths['/v1/why']?.['get']?.parameters).toEqual([
    {
      name: 'name',
      in: 'query',
      required: true,
      schema: expect.objectContaining({ type: 'string' }) as unknown,
    },
  ]);
  const names = DOCUMENT.paths['/v1/logs']?.['get']?.parameters?.find(({ name }) => name === 'names');
  expect(names).toMatchObject({ required: false, style: 'form', explode: false });
  for (const [path, verbs] of Object.entries(DOCUMENT.paths)) {
    expect(verbs['get']?.requestBody).toBeUndefined();
    const { parameters } = verbs['post'] ?? {};
    expect(parameters?.map((one) => [one.name, one.in, one.required])).toEqual(
      verbs['post'] && [
        ...(path.includes('{name}') ? [['name', 'path', true]] : []),
        ['X-Procsup-Client', 'header', false],
      ],
    );
  }
  // What is in the path is not in the body.
  const put = DOCUMENT.paths['/v1/queues/{name}/put']?.['post']?.requestBody?.content['application/json'];
  expect(put?.schema).toMatchObject({ required: ['messages'] });
  expect(JSON.stringify(put?.schema)).not.toContain('queue name');
  expect(DOCUMENT.paths['/v1/kill']?.['post']?.requestBody?.required).toBe(true);
  expect(DOCUMENT.paths['/v1/stop']?.['post']?.requestBody?.required).toBe(false);
});

test('what a path names is no part of the body, which may be a stream of lines', () => {
  const { requestBody } = DOCUMENT.paths['/v1/pools/{name}/run']?.['post'] ?? {};
  expect(Object.keys((requestBody as { readonly content?: object } | undefined)?.content ?? {})).toEqual([
    'application/x-ndjson',
  ]);
});

test('responses: success, what is accepted, streams as lines, and errors', () => {
  for (const { responses } of operations()) {
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['200', 'default']));
    for (const { description } of Object.values(responses)) expect(description).not.toBe('');
  }
  expect(Object.keys(DOCUMENT.paths['/v1/stop']?.['post']?.responses ?? {})).toEqual([
    '200',
    '202',
    'default',
  ]);
  expect(Object.keys(DOCUMENT.paths['/v1/logs']?.['get']?.responses['200']?.content ?? {})).toEqual([
    'application/x-ndjson',
  ]);
  expect(Object.keys(DOCUMENT.paths['/v1/why']?.['get']?.responses['200']?.content ?? {})).toEqual([
    'application/json',
  ]);
});

describe('schemas', () => {
  const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
    string: ['title', 'enum', 'maxLength', 'pattern'],
    integer: ['minimum', 'maximum'],
    number: ['minimum', 'maximum'],
    boolean: [],
    null: [],
    array: ['items', 'maxItems'],
    object: ['properties', 'required', 'additionalProperties', 'propertyNames', 'maxProperties'],
  };

  /** Every schema within one, itself included. */
  function within(schema: Record<string, unknown>): readonly Record<string, unknown>[] {
    const inner = [
      ...(Object.values(schema['properties'] ?? {}) as unknown[]),
      ...((schema['anyOf'] ?? []) as unknown[]),
      ...[schema['items'], schema['additionalProperties'], schema['propertyNames']].filter(
        (one) => typeof one === 'object' && one !== null,
      ),
    ] as Record<string, unknown>[];
    return [schema, ...inner.flatMap(within)];
  }

  const all = operations()
    .flatMap(({ parameters = [], requestBody, responses }) => [
      ...parameters.map(({ schema }) => schema),
      ...Object.values(requestBody?.content ?? {}).map(({ schema }) => schema),
      ...Object.values(responses).flatMap(({ content }) =>
        Object.values(content).map(({ schema }) => schema),
      ),
    ])
    .flatMap((schema) => within(schema as Record<string, unknown>));

  test('say a known type, and nothing that this type does not know', () => {
    expect(all.length).toBeGreaterThan(100);
    for (const schema of all) {
      if ('anyOf' in schema) {
        expect(Object.keys(schema)).toEqual(['anyOf']);
        continue;
      }
      // Any JSON value.
      if (!('type' in schema)) {
        expect(Object.keys(schema)).toEqual(['description']);
        continue;
      }
      const { type, ...rest } = schema;
      expect(Object.keys(KEYWORDS)).toContain(type);
      expect(KEYWORDS[type as string]).toEqual(expect.arrayContaining(Object.keys(rest)));
    }
  });

  test('objects say what else may be in them, and have what they require', () => {
    for (const { type, properties, required = [], additionalProperties } of all) {
      if (type !== 'object') continue;
      expect(additionalProperties).toBeDefined();
      expect(Object.keys(properties as object)).toEqual(expect.arrayContaining(required as string[]));
    }
  });

  test('patterns are regular expressions', () => {
    for (const { pattern } of all)
      if (pattern !== undefined) expect(() => new RegExp(pattern as string, 'u')).not.toThrow();
  });
});
