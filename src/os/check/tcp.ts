/**
 * A connection that succeeds. It is closed at once and in order: half of it by us, the rest when the other side has closed
 * its own, so that nobody logs a reset, and nobody waits for a request that does not come.
 *
 * The kernel takes connections for a program that has not accepted them yet, and resets them when it closes its socket
 * again, as tests for a free port do. So it counts when the other side has said or closed something, or when the same
 * socket still listens after SETTLED_MS.
 */
import { connect } from 'node:net';
import type { Answer, ListeningSocket } from '../../core/check/answer.ts';
import type { Check } from '../../core/check/check.ts';
import { SETTLED_MS } from '../../core/check/listening.ts';
import { tcpTarget } from '../../core/check/words.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Subject } from '../../ports/checks.ts';
import { failureText, findSocket, hostOf, lookupOf } from './connect.ts';
import type { TreeSockets } from './tree-sockets.ts';

type TcpCheck = Extract<Check, { kind: 'tcp' }>;
/** `silent`: connected, and nothing came back. */
type Contact = 'answered' | 'silent' | { readonly failure: string };

const CONNECT_MS = 10_000;
const GOODBYE_MS = 1000;

export interface CheckTools {
  readonly trees: TreeSockets;
  readonly clock: Clock;
}

export function askTcp(
  check: TcpCheck,
  subject: Subject,
  { trees, clock }: CheckTools,
  tell: (answer: Answer) => void,
): () => void {
  const { host, port } = check;
  const no = (why: string): void => tell({ is: 'no', words: `tcp ${tcpTarget(check)}: ${why}` });
  let stop = (): void => undefined;
  const conclude = (contact: Contact, inode: string | undefined): void => {
    if (contact === 'answered' || (contact === 'silent' && inode === undefined)) return tell({ is: 'yes' });
    const failure = contact === 'silent' ? 'closed its socket again' : contact.failure;
    if (inode === undefined) return no(failure);
    const decide = (found: ListeningSocket | string): void => {
      if (typeof found !== 'string' && found.inode === inode && failure !== 'connection refused')
        tell({ is: 'yes' });
      else no(failure);
    };
    stop = findSocket(trees, subject, port, decide, 'anew');
  };
  if (host !== undefined) {
    stop = contactBy(host, port, clock, (contact) => conclude(contact, undefined));
  } else {
    stop = findSocket(trees, subject, port, (found) => {
      if (typeof found === 'string') return tell({ is: 'no', words: found });
      stop = contactBy(hostOf(found), port, clock, (contact) => conclude(contact, found.inode));
    });
  }
  return () => stop();
}

function contactBy(host: string, port: number, clock: Clock, tell: (contact: Contact) => void): () => void {
  const socket = connect({ host, port, allowHalfOpen: true, ...lookupOf(host) });
  let isTold = false;
  let isConnected = false;
  let resetWords: string | undefined;
  const settle = (contact: Contact): void => {
    if (isTold) return;
    isTold = true;
    cancel();
    if (isConnected) clock.after(GOODBYE_MS, () => socket.destroy());
    else socket.destroy();
    tell(contact);
  };
  let cancel = clock.after(CONNECT_MS, () => settle({ failure: 'timed out' }));
  socket.on('connect', () => {
    isConnected = true;
    socket.end();
    socket.resume();
    cancel();
    cancel = clock.after(SETTLED_MS, () =>
      settle(resetWords === undefined ? 'silent' : { failure: resetWords }),
    );
  });
  socket.on('data', () => settle('answered'));
  socket.on('end', () => settle('answered'));
  // After a reset it is waited, too: whether the socket still listens then tells a test from a program that resets.
  socket.on('error', (error) => {
    if (isConnected) resetWords = failureText(error);
    else settle({ failure: failureText(error) });
  });
  return () => settleQuietly();

  function settleQuietly(): void {
    if (isTold) return;
    isTold = true;
    cancel();
    socket.destroy();
  }
}
