/** Opens sessions on connections. In the chunk of the routes: a refusal is recognized by its class. */
import type { Api } from '../api.ts';
import { openSession } from './session.ts';
import type { SessionOpener } from './upgrade.ts';
import type { Verb } from './verb.ts';

export function createSessions(api: Api, verbs: readonly Verb[]): SessionOpener {
  const byName = new Map(verbs.map((one) => [one.name, one]));
  return (socket, client, gone) => openSession(socket, { api, verbs: byName, client, gone });
}
