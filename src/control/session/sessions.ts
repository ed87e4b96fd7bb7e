/** Opens sessions on connections. Their code is loaded with the first. */
import type { Api } from '../api.ts';
import type { SessionOpener } from './upgrade.ts';
import type { Verb } from './verb.ts';

export function createSessions(api: Api, verbs: readonly Verb[]): SessionOpener {
  const byName = new Map(verbs.map((one) => [one.name, one]));
  return (socket, client, gone) => {
    // Until then nothing is read.
    import('./session.ts').then(
      ({ openSession }) => openSession(socket, { api, verbs: byName, client, gone }),
      () => socket.destroy(),
    );
  };
}
