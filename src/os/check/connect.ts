/** Where a check that sends goes to: what the tree listens on itself, so that no other program answers for it. */
import type { LookupFunction } from 'node:net';
import { countingSockets } from '../../core/check/listening.ts';
import type { ListeningSocket } from '../../core/check/answer.ts';
import type { Subject } from '../../ports/checks.ts';
import type { SocketsOfTree, TreeSockets } from './tree-sockets.ts';

/** An address that is listened on in general is reached by the loopback of its family. */
export function hostOf({ address }: Pick<ListeningSocket, 'address'>): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}

/** `named`: on this port. `anew`: see `TreeSockets`. A string says why there is none. */
export function findSocket(
  trees: TreeSockets,
  { pid, ports }: Subject,
  named: number | undefined,
  tell: (found: ListeningSocket | string) => void,
  anew?: 'anew',
): () => void {
  const answer = (sockets: SocketsOfTree): void => {
    if (sockets === null) return tell('its sockets cannot be looked at');
    const [first] = countingSockets(sockets, { ...ports, named });
    tell(first ?? `not listening on ${String(named ?? ports.given)}`);
  };
  return trees.look(pid, answer, anew);
}

const LOOPBACKS = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** How a host is found: `localhost` is both loopbacks, whatever /etc/hosts says, as many programs listen on one of them only. */
export function lookupOf(host: string): {
  readonly lookup?: LookupFunction;
  readonly autoSelectFamily: true;
} {
  const lookup: LookupFunction = (_name, _options, tell) => tell(null, LOOPBACKS);
  return { autoSelectFamily: true, ...(host.toLowerCase() === 'localhost' && { lookup }) };
}

export function failureText(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const known: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'connection refused',
    ECONNRESET: 'connection reset',
    EPIPE: 'connection reset',
    ENOTFOUND: 'unknown host',
    EAI_AGAIN: 'unknown host',
    ETIMEDOUT: 'timed out',
    EHOSTUNREACH: 'no route',
    ENETUNREACH: 'no route',
  };
  return known[code] ?? (code === '' ? message : code);
}
