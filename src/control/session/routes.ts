/** The verbs as routes, for single requests, and the path of sessions. */
import { Refused, route, type Route } from '../route.ts';
import { object } from '../schema.ts';
import { SESSION_PATH, SESSION_PROTOCOL } from './upgrade.ts';
import type { Verb } from './verb.ts';
import { VERBS } from './verbs.ts';

export const SESSION_ROUTES: readonly Route[] = [
  route({
    verb: 'GET',
    path: SESSION_PATH,
    summary: `Opens a session: with 'Connection: Upgrade' and 'Upgrade: ${SESSION_PROTOCOL}' the connection is switched to one JSON object a line, as docs/protocol.md describes.`,
    input: object({}),
    reply: object({}),
    handle() {
      throw new Refused(
        426,
        'upgrade-required',
        'this path is for sessions',
        `send 'Connection: Upgrade' and 'Upgrade: ${SESSION_PROTOCOL}'`,
      );
    },
  }),
  ...routesOf(VERBS),
];

export function routesOf(verbs: readonly Verb[]): readonly Route[] {
  return verbs.flatMap((verb) => (verb.path === undefined ? [] : [routeOf(verb, verb.path)]));
}

function routeOf({ name, summary, input, answer, method, bodyBytes, handle }: Verb, path: string): Route {
  return {
    verb: method ?? 'POST',
    path,
    operation: operationOf(name),
    summary,
    input,
    reply: answer,
    ...(bodyBytes !== undefined && { bodyBytes }),
    handle: async (api, ask) => ({ status: 200, body: await handle(api, { ...ask, holder: undefined }) }),
  };
}

/** `queue.put`: queueput, for the names of operations are in lower case. */
function operationOf(name: string): string {
  return name.replaceAll('.', '').replaceAll('-', '');
}
