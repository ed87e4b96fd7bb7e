/**
 * Serves the router as HTTP on a Unix socket. Bounds everything that a client can use up: size and duration of a
 * request, number and idle time of connections, memory for a slow reader.
 *
 * Node's own timers bound the time: `headersTimeout` starts with the connection, `keepAliveTimeout` runs between two
 * requests. None runs during a response: a quiet `logs -f` or a `wait` may last for days. (`socket.setTimeout` would end
 * them.) `requestTimeout` would end a body that is a stream of lines as well, so a timer of our own bounds all others.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { CLIENT_HEADER, readClientHeader } from './client-info.ts';
import { createConnections } from './connections.ts';
import { bodyOf } from './request-body.ts';
import { linesTo } from './response-lines.ts';
import { onUpgrade, type SessionOpener } from './session/upgrade.ts';
import { Refused, type Lines, type Reply } from './route.ts';
import { failure, type Router } from './router.ts';

export interface ControlLimits {
  /** Of a request whose route has no limit of its own. */
  readonly bodyBytes: number;
  readonly connections: number;
  /** Connections that may be streams; the rest is reserved for short requests. */
  readonly watchers: number;
  readonly pipelined: number;
  /** How long a request may take to arrive. */
  readonly requestMs: number;
  /** How long a connection is kept after a response. */
  readonly idleMs: number;
  /** Memory for the unsent output of a slow reader. */
  readonly unsentBytes: number;
  /** Whether descriptors are free for one more connection that asks, or that watches something. */
  readonly hasRoomFor: (use: 'question' | 'stream') => boolean;
}

export const CONTROL_LIMITS: ControlLimits = {
  bodyBytes: 256 * 1024,
  connections: 256,
  watchers: 192,
  pipelined: 16,
  requestMs: 10_000,
  idleMs: 10_000,
  unsentBytes: 64 * 1024,
  hasRoomFor: () => true,
};

const CHECK_MS = 1000;

export interface ControlServer {
  /** Stops accepting connections; open ones stay open. */
  stopListening(): void;
  /** Ends the idle connections, and frees their descriptors at once. */
  endIdle(): void;
  /** Ends all connections, including streams, and stops listening. */
  close(): Promise<void>;
}

/** Resolves when the socket at `path` is listening; rejects with the system's error. */
export function listenForControl(
  router: Router,
  path: string,
  changedLimits: Partial<ControlLimits> = {},
  openSession?: SessionOpener,
): Promise<ControlServer> {
  const limits = { ...CONTROL_LIMITS, ...changedLimits };
  const connections = createConnections({ ...limits, refusal: (why) => refusal(tooMany(why)) });
  const watchers = countWatchers(limits);
  const serve = createService(router, limits, watchers);
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: limits.requestMs,
      requestTimeout: 0,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: Math.min(CHECK_MS, limits.requestMs),
      highWaterMark: limits.unsentBytes,
    },
    (request, response) => {
      const gone = connections.begin(response, request.socket);
      response.on('error', () => undefined);
      if (gone === undefined) return;
      if ('refused' in gone) refuseConnection(response, gone.refused);
      else serve(request, response, gone).catch(() => response.destroy());
    },
  );
  server.on('connection', (connection) => connections.add(connection));
  onUpgrade(server, openSession, (socket) => {
    const gone = connections.begin(socket, socket);
    if (gone === undefined) return undefined;
    if ('refused' in gone) return refusal(tooMany(gone.refused));
    const why = watchers.whyNoMore();
    if (why !== undefined) return refusal(why);
    watchers.add();
    socket.once('close', () => watchers.remove());
    return gone;
  });
  server.on('clientError', (error: NodeJS.ErrnoException, connection) => {
    // In the middle of another response this text would be taken for a part of it.
    if (connection.writable && !connections.isBusy(connection)) connection.write(refusalOf(error));
    connection.destroy();
  });

  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.on('error', () => undefined);
      resolve({
        stopListening: () => void server.close(),
        endIdle: () => connections.endIdle(),
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            connections.endAll();
          }),
      });
    });
  });
}

/** The response to an invalid or too slow request. */
function refusalOf({ code }: NodeJS.ErrnoException): string {
  const status =
    {
      HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
      ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
    }[code ?? ''] ?? '400 Bad Request';
  return `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;
}

type Service = (request: IncomingMessage, response: ServerResponse, gone: AbortSignal) => Promise<void>;

/** Streams and sessions: they last, so they must leave room for short requests. */
interface Watchers {
  /** Undefined: there is room for one more. */
  whyNoMore(): unknown;
  add(): void;
  remove(): void;
}

function countWatchers(limits: Pick<ControlLimits, 'watchers' | 'hasRoomFor'>): Watchers {
  let count = 0;
  return {
    whyNoMore() {
      if (count >= limits.watchers) return tooManyStreams(`too many open streams (${String(count)})`);
      return limits.hasRoomFor('stream')
        ? undefined
        : tooManyStreams('the supervisor has too few free descriptors for another stream (see `ulimit -n`)');
    },
    add: () => void (count += 1),
    remove: () => void (count -= 1),
  };
}

function createService(router: Router, limits: ControlLimits, watchers: Watchers): Service {
  return async (request, response, gone) => {
    const reply = await replyTo(router, request, gone, limits);
    if (gone.aborted) return;
    if (!('stream' in reply)) {
      send(response, reply);
      return;
    }
    // Streams of a POST (down) are not limited: what they do must be done. One that takes lines goes on as long as its client.
    const isWatching = request.method === 'GET' || isStream(request);
    const why = isWatching ? watchers.whyNoMore() : undefined;
    if (why !== undefined) {
      send(response, { status: 503, body: why });
      return;
    }
    if (isWatching) watchers.add();
    try {
      await stream(response, reply.stream, gone);
    } finally {
      if (isWatching) watchers.remove();
    }
  };
}

const tooManyStreams = (message: string): unknown =>
  bodyOf503('too-many-streams', message, 'close some of them');

/** Its request is not read: nothing of it was done. */
function refuseConnection(response: ServerResponse, why: string): void {
  response.shouldKeepAlive = false;
  send(response, { status: 503, body: tooMany(why) });
}

const tooMany = (why: string): unknown =>
  bodyOf503('too-many-connections', why, 'try again later, or close some streams');

function bodyOf503(code: string, message: string, remedy: string): unknown {
  const reply = failure(new Refused(503, code, message, remedy));
  return 'body' in reply ? reply.body : null;
}

/** The whole response, for a connection whose request is not read by node:http. */
function refusal(told: unknown): string {
  const body = `${JSON.stringify(told)}\n`;
  const head = ['HTTP/1.1 503 Service Unavailable', 'connection: close', 'content-type: application/json'];
  return `${head.join('\r\n')}\r\ncontent-length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`;
}

function send(
  response: ServerResponse,
  { status, body: value, allow }: Extract<Reply, { body: unknown }>,
): void {
  const body = `${JSON.stringify(value)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(allow !== undefined && { allow: allow.join(', ') }),
    // Do not wait for the rest of a request that is too large, or too slow.
    ...((status === 413 || status === 408 || !response.req.complete) && { connection: 'close' }),
  });
  response.end(body);
}

async function stream(
  response: ServerResponse,
  write: (lines: Lines) => Promise<void>,
  gone: AbortSignal,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  response.flushHeaders();
  const lines = linesTo(response, gone);
  try {
    await write(lines);
  } catch (thrown) {
    const told = failure(thrown);
    if ('body' in told) lines.write(told.body);
  }
  lines.flush();
  response.end();
}

const isStream = ({ method, headers }: IncomingMessage): boolean =>
  method === 'POST' && headers['content-type']?.startsWith('application/x-ndjson') === true;

async function replyTo(
  router: Router,
  request: IncomingMessage,
  gone: AbortSignal,
  limits: Pick<ControlLimits, 'bodyBytes' | 'requestMs'>,
): Promise<Reply> {
  const client = readClientHeader(request.headers[CLIENT_HEADER]);
  const asked = { verb: request.method ?? '', target: request.url ?? '', gone, client };
  // Whoever draws no more of it still has something to say.
  if (isStream(request))
    return router({ ...asked, body: '', incoming: request.iterator({ destroyOnReturn: false }) });
  let body: string;
  try {
    const { bodyBytes = limits.bodyBytes } = router.limitsOf(asked.verb, asked.target);
    body = await bodyOf(request, { ...limits, bodyBytes });
  } catch (thrown) {
    return failure(thrown);
  }
  return router({ ...asked, body });
}
