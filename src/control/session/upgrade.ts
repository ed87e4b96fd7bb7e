/** Requests with an `Upgrade` header: those for a session become one, all others are answered as if it were absent. */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { ClientInfo } from '../../core/events.ts';
import { CLIENT_HEADER, readClientHeader } from '../client-info.ts';

export const SESSION_PATH = '/v1/session';
export const SESSION_PROTOCOL = 'procsup-session';

/** Takes over a connection whose upgrade was answered. `gone`: it is closed. */
export type SessionOpener = (socket: Socket, client: ClientInfo | undefined, gone: AbortSignal) => void;

const SWITCHING = [
  'HTTP/1.1 101 Switching Protocols',
  'connection: Upgrade',
  `upgrade: ${SESSION_PROTOCOL}`,
  '\r\n',
].join('\r\n');

/**
 * `admit`: a signal that is aborted when this connection is closed; the whole response where there is no room; undefined
 * where the connection is closed already.
 */
export function onUpgrade(
  server: Server,
  openSession: SessionOpener | undefined,
  admit: (socket: Socket) => AbortSignal | string | undefined,
): void {
  // With a listener, node:http hands over every request that asks for an upgrade, to whatever protocol.
  if (openSession === undefined) return;
  server.on('upgrade', (request, _stream, head) => {
    const { socket } = request;
    socket.on('error', () => socket.destroy());
    if (!isForSession(request)) return answerWithoutUpgrade(server, request, socket, head);
    const gone = admit(socket);
    if (gone === undefined) return;
    if (typeof gone === 'string') return void socket.end(gone);
    socket.setTimeout(0);
    socket.write(SWITCHING);
    if (head.length > 0) socket.unshift(head);
    openSession(socket, readClientHeader(request.headers[CLIENT_HEADER]), gone);
  });
}

function isForSession({ method, url, headers }: IncomingMessage): boolean {
  return method === 'GET' && url === SESSION_PATH && headers.upgrade?.toLowerCase() === SESSION_PROTOCOL;
}

/** curl --http2 asks for h2c each time, and goes on with HTTP/1.1 where it is not answered. */
function answerWithoutUpgrade(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const { method = '', url = '', httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    if (OF_UPGRADE.has(name.toLowerCase())) continue;
    lines.push(`${name}: ${name.toLowerCase() === 'connection' ? withoutUpgrade(value) : value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

const OF_UPGRADE: ReadonlySet<string> = new Set(['upgrade', 'http2-settings']);

const withoutUpgrade = (connection: string): string =>
  connection
    .split(',')
    .map((word) => word.trim())
    .filter((word) => !OF_UPGRADE.has(word.toLowerCase()))
    .join(', ');
