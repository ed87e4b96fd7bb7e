/** The OpenAPI document of the routes, made of the schemas that requests are checked against. */
import { ERROR } from './reply-schemas.ts';
import type { Route } from './route.ts';
import type { Schema } from './schema.ts';

export function openApi(routes: readonly Route[], version: string): unknown {
  return {
    openapi: '3.1.0',
    info: {
      title: 'procsup',
      version,
      description:
        'What the supervisor of a project can be asked, over its Unix socket. Streams are JSON Lines.',
    },
    paths: Object.fromEntries(routes.map((one) => [one.path, { [one.verb.toLowerCase()]: operation(one) }])),
  };
}

function operation({ verb, path, summary, input, reply, streams }: Route): unknown {
  const type = streams === true ? 'application/x-ndjson' : 'application/json';
  return {
    operationId: path.split('/').at(-1)?.replace('.json', ''),
    summary,
    ...(verb === 'GET' ? { parameters: parameters(input.properties, input.required) } : requestBody(input)),
    responses: {
      ...responses(200, 'What was asked for.', type, reply),
      ...responses('default', 'Why it was not done.', 'application/json', ERROR),
    },
  };
}

const parameters = (
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
): unknown =>
  Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...('type' in schema && schema.type === 'array' && { style: 'form', explode: false }),
    schema,
  }));

const requestBody = (schema: Schema) => ({
  requestBody: { content: { 'application/json': { schema } } },
});

const responses = (status: number | 'default', description: string, type: string, schema: Schema) => ({
  [status]: { description, content: { [type]: { schema } } },
});
