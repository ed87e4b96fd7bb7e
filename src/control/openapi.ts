/** Builds the OpenAPI document from the routes and the schemas that requests are checked against. */
import { ERROR } from './reply-schemas.ts';
import type { Route } from './route.ts';
import type { ObjectSchema, Schema } from './schema.ts';

const LINES = 'One JSON value per line; if the stream fails, the last line is the error.';

/** Of whatever changes something. */
const CLIENT = {
  name: 'X-Procsup-Client',
  in: 'header',
  required: false,
  description:
    'What the client says about itself, to be shown as the cause: command=procsup%20stop%20web&pid=4711&user=jo',
  schema: { type: 'string' },
} as const;

export function openApi(routes: readonly Route[], version: string): unknown {
  return {
    openapi: '3.1.0',
    info: {
      title: 'procsup',
      version,
      description: "The API of a project's supervisor, served on its Unix socket. Streams are JSON Lines.",
    },
    paths: Object.fromEntries(
      routes.map(({ path }) => [path, operations(routes.filter((one) => one.path === path))]),
    ),
  };
}

const operations = (routes: readonly Route[]): unknown =>
  Object.fromEntries(routes.map((one) => [one.verb.toLowerCase(), operation(one)]));

function operation(one: Route): unknown {
  const { verb, path, summary, reply, accepted, streams, takesLines } = one;
  const { inPath, input } = splitInput(one);
  const success = streams
    ? responses(200, LINES, 'application/x-ndjson', { anyOf: [reply, ERROR] })
    : responses(200, 'Success.', 'application/json', reply);
  return {
    operationId: one.operation ?? path.split('/').at(-1)?.replace('.json', ''),
    summary,
    ...(verb === 'GET'
      ? { parameters: [...inPath, ...parameters(input.properties, input.required)] }
      : {
          parameters: [...inPath, CLIENT],
          ...(takesLines === undefined ? requestBody(input) : requestLines(takesLines)),
        }),
    responses: {
      ...success,
      ...(accepted && responses(202, 'The request was accepted.', 'application/json', accepted)),
      ...responses('default', 'The error.', 'application/json', ERROR),
    },
  };
}

/** What of the input stands in the path, as parameters, and the rest. */
function splitInput({ path, input }: Route): {
  readonly inPath: readonly unknown[];
  readonly input: ObjectSchema;
} {
  const names = [...path.matchAll(/\{([a-z]+)\}/g)].map(([, name = '']) => name);
  if (names.length === 0) return { inPath: [], input };
  const { properties, required = [] } = input;
  const rest = Object.entries(properties).filter(([name]) => !names.includes(name));
  return {
    inPath: names.map((name) => ({
      ...{ name, in: 'path', required: true },
      schema: published(properties[name] ?? { type: 'string' }),
    })),
    input: {
      ...input,
      properties: Object.fromEntries(rest),
      required: required.filter((name) => !names.includes(name)),
    },
  };
}

const requestLines = (schema: Schema) => ({
  requestBody: { required: true, content: { 'application/x-ndjson': { schema: published(schema) } } },
});

const parameters = (
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
): readonly unknown[] =>
  Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...('type' in schema && schema.type === 'array' && { style: 'form', explode: false }),
    schema: published(schema),
  }));

const requestBody = (schema: ObjectSchema) => ({
  requestBody: {
    required: (schema.required ?? []).length > 0,
    content: { 'application/json': { schema: published(schema) } },
  },
});

const responses = (status: number | 'default', description: string, type: string, schema: Schema) => ({
  [status]: { description, content: { [type]: { schema: published(schema) } } },
});

/** Without `additionalProperties` our checker allows no others; JSON Schema would allow any. */
function published(schema: Schema): unknown {
  if ('anyOf' in schema) return { anyOf: schema.anyOf.map(published) };
  if (!('type' in schema)) return schema;
  if (schema.type === 'array') return { ...schema, items: published(schema.items) };
  if (schema.type !== 'object') return schema;
  const { properties, additionalProperties: others = false } = schema;
  return {
    ...schema,
    properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, published(one)])),
    additionalProperties: typeof others === 'boolean' ? others : published(others),
  };
}
