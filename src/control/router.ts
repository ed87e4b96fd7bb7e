/** Finds the route of a request, checks its input, and turns every failure into a reply. */
import type { ClientInfo } from '../core/events.ts';
import type { Api } from './api.ts';
import { isRefused, Refused, WrongMethod, type Reply, type Route } from './route.ts';
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

export interface Router {
  (request: Request): Promise<Reply>;
  /** Before the body is read. */
  limitsOf(verb: string, target: string): Pick<Route, 'bodyBytes'>;
}

export function createRouter(api: Api, routes: readonly Route[]): Router {
  const table = createTable(routes);
  const answer = async ({ verb, target, body, incoming, gone, client }: Request): Promise<Reply> => {
    try {
      const [path = '', query = ''] = split(target);
      const { route, inPath } = find(table, verb, path);
      if (incoming !== undefined && route.takesLines === undefined)
        throw new Refused(415, 'no-lines', 'the request takes no stream of lines', 'send one JSON object');
      const isOfQuery = route.verb === 'GET' || route.takesLines !== undefined;
      const given = isOfQuery ? fromQuery(route.input, query) : fromBody(body);
      const input = inPath === undefined ? given : withInPath(given, inPath);
      const wrong = whyNot(route.input, input, 'request');
      if (wrong !== undefined) throw new Refused(400, 'bad-request', wrong);
      const cause = { by: 'request', ...(client && { client }) } as const;
      const lines = incoming ?? oneChunk(body);
      return await route.handle(api, { input: input as never, incoming: lines, gone, cause });
    } catch (thrown) {
      return failure(thrown);
    }
  };
  return Object.assign(answer, {
    limitsOf: (verb: string, target: string) => at(table, split(target)[0] ?? '').verbs?.get(verb) ?? {},
  });
}

export function failure(thrown: unknown): Reply {
  const { status, code, message, remedy } = isRefused(thrown)
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

interface Table {
  readonly exact: ReadonlyMap<string, Verbs>;
  /** With properties of the input in the path. */
  readonly patterns: readonly { readonly pattern: RegExp; readonly verbs: Verbs }[];
}

type Verbs = Map<string, Route>;

function createTable(routes: readonly Route[]): Table {
  const exact = new Map<string, Verbs>();
  const byPath = new Map<string, Verbs>();
  for (const one of routes) {
    const map = one.path.includes('{') ? byPath : exact;
    map.set(one.path, (map.get(one.path) ?? new Map<string, Route>()).set(one.verb, one));
  }
  const patterns = [...byPath].map(([path, verbs]) => ({ pattern: patternOf(path), verbs }));
  return { exact, patterns };
}

/** `/v1/queues/{name}/put`: a property is one segment of the path. */
const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{([a-z]+)\}/g, '(?<$1>[^/]+)')}$`);

interface FoundRoute {
  readonly route: Route;
  readonly inPath?: Readonly<Record<string, string>> | undefined;
}

function find(table: Table, verb: string, path: string): FoundRoute {
  const { verbs, inPath } = at(table, path);
  if (verbs === undefined) {
    throw new Refused(404, 'unknown-path', 'unknown path', 'see /v1/openapi.json for a list of paths');
  }
  const route = verbs.get(verb);
  if (route === undefined) throw new WrongMethod([...verbs.keys()]);
  return { route, inPath };
}

function at(
  { exact, patterns }: Table,
  path: string,
): { readonly verbs?: Verbs | undefined; readonly inPath?: Readonly<Record<string, string>> } {
  const verbs = exact.get(path);
  if (verbs !== undefined) return { verbs };
  for (const one of patterns) {
    const groups = one.pattern.exec(path)?.groups;
    if (groups !== undefined) return { verbs: one.verbs, inPath: decoded(groups) };
  }
  return {};
}

function decoded(groups: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decodeURIComponent(text)]));
  } catch {
    throw new Refused(400, 'bad-request', 'the path is not valid');
  }
}

function withInPath(given: unknown, inPath: Readonly<Record<string, string>>): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  const twice = Object.keys(inPath).find((name) => Object.hasOwn(given, name));
  if (twice !== undefined) throw new Refused(400, 'bad-request', `'${twice}' is given by the path`);
  return { ...given, ...inPath };
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
