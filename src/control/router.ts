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
  /** Or a body that is a stream of lines, of which nothing has been read. */
  readonly incoming?: AsyncIterable<Uint8Array> | undefined;
  readonly gone: AbortSignal;
  /** What the client says about itself. */
  readonly client?: ClientInfo | undefined;
}

export type Router = (request: Request) => Promise<Reply>;

export function createRouter(api: Api, routes: readonly Route[]): Router {
  const table = new Map<string, Map<string, Route>>();
  for (const one of routes)
    table.set(one.path, (table.get(one.path) ?? new Map<string, Route>()).set(one.verb, one));
  const patterns = [...table.keys()].filter((path) => path.includes('{'));

  return async ({ verb, target, body, incoming, gone, client }) => {
    try {
      const [path = '', query = ''] = split(target);
      const { route, named } = find(table, patterns, verb, path);
      if (incoming !== undefined && route.takesLines === undefined)
        throw new Refused(415, 'no-lines', 'the request takes no stream of lines', 'send one JSON object');
      const isOfQuery = route.verb === 'GET' || route.takesLines !== undefined;
      const given = isOfQuery ? fromQuery(route.input, query) : fromBody(body);
      const input = named === undefined ? given : { ...(given as object), ...named };
      const wrong = whyNot(route.input, input, 'request');
      if (wrong !== undefined) throw new Refused(400, 'bad-request', wrong);
      const cause = { by: 'request', ...(client && { client }) } as const;
      const lines = incoming ?? oneChunk(body);
      return await route.handle(api, { input: input as never, incoming: lines, gone, cause });
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

interface FoundRoute {
  readonly route: Route;
  /** What the path names. */
  readonly named?: Readonly<Record<string, string>> | undefined;
}

function find(
  table: ReadonlyMap<string, ReadonlyMap<string, Route>>,
  patterns: readonly string[],
  verb: string,
  path: string,
): FoundRoute {
  const [pattern, named] = table.has(path) ? [path, undefined] : matching(patterns, path);
  const verbs = table.get(pattern);
  if (verbs === undefined) {
    throw new Refused(404, 'unknown-path', 'unknown path', 'see /v1/openapi.json for a list of paths');
  }
  const route = verbs.get(verb);
  if (route === undefined) throw new WrongMethod([...verbs.keys()]);
  return { route, named };
}

function matching(
  patterns: readonly string[],
  path: string,
): readonly [pattern: string, named?: Readonly<Record<string, string>>] {
  const segments = path.split('/');
  for (const pattern of patterns) {
    const wanted = pattern.split('/');
    const isIt = wanted.every((one, at) => one.startsWith('{') || one === segments[at]);
    if (!isIt || wanted.length !== segments.length) continue;
    const named = wanted.flatMap((one, at) =>
      one.startsWith('{') ? [[one.slice(1, -1), decoded(segments[at] ?? '')] as const] : [],
    );
    return [pattern, Object.fromEntries(named)];
  }
  return [''];
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- as streams are
async function* oneChunk(body: string): AsyncGenerator<Uint8Array, void, undefined> {
  if (body !== '') yield new TextEncoder().encode(body);
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
