/** Finds the route of a request, checks its input, and turns every failure into a reply. */
import type { ClientInfo } from '../core/events.ts';
import type { Api } from './api.ts';
import { Refused, WrongMethod, type Reply, type Route } from './route.ts';
import { fromWords, whyNot, type ObjectSchema } from './schema.ts';

export interface Request {
  readonly verb: string;
  /** Path and query: `/v1/logs?names=web&lines=10`. */
  readonly target: string;
  /** The body as text; empty if there is none. */
  readonly body: string;
  readonly gone: AbortSignal;
  /** What the client says about itself. */
  readonly client?: ClientInfo | undefined;
}

export type Router = (request: Request) => Promise<Reply>;

export function createRouter(api: Api, routes: readonly Route[]): Router {
  const table = new Map<string, Map<string, Route>>();
  for (const one of routes)
    table.set(one.path, (table.get(one.path) ?? new Map<string, Route>()).set(one.verb, one));

  return async ({ verb, target, body, gone, client }) => {
    try {
      const [path = '', query = ''] = split(target);
      const route = find(table, verb, path);
      const input = route.verb === 'GET' ? fromQuery(route.input, query) : fromBody(body);
      const wrong = whyNot(route.input, input, 'request');
      if (wrong !== undefined) throw new Refused(400, 'bad-request', wrong);
      const cause = { by: 'request', ...(client && { client }) } as const;
      return await route.handle(api, { input: input as never, gone, cause });
    } catch (thrown) {
      return failure(thrown);
    }
  };
}

export function failure(thrown: unknown): Reply {
  const { status, code, message, remedy } =
    thrown instanceof Refused
      ? thrown
      : new Refused(500, 'internal', thrown instanceof Error ? thrown.message : String(thrown));
  return {
    status,
    body: { error: { code, message, ...(remedy !== undefined && { remedy }) } },
    ...(thrown instanceof WrongMethod && { allow: thrown.allow }),
  };
}

function split(target: string): readonly string[] {
  const at = target.indexOf('?');
  return at === -1 ? [target] : [target.slice(0, at), target.slice(at + 1)];
}

function find(table: ReadonlyMap<string, ReadonlyMap<string, Route>>, verb: string, path: string): Route {
  const verbs = table.get(path);
  if (verbs === undefined) {
    throw new Refused(404, 'unknown-path', 'unknown path', 'see /v1/openapi.json for a list of paths');
  }
  const route = verbs.get(verb);
  if (route === undefined) throw new WrongMethod([...verbs.keys()]);
  return route;
}

function fromQuery(schema: ObjectSchema, query: string): Record<string, unknown> {
  const words = new URLSearchParams(query);
  return Object.fromEntries(
    [...new Set(words.keys())].map((name) => {
      const known = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
      return [name, known === undefined ? words.get(name) : fromWords(known, words.getAll(name))];
    }),
  );
}

function fromBody(body: string): unknown {
  if (body.trim() === '') return {};
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new Refused(400, 'bad-json', 'the request body is not valid JSON');
  }
}
