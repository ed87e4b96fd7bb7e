/**
 * The router on a Unix socket, as HTTP. Everything a client can do wrong is bounded here: size and time of a request,
 * connections in number and in idleness, what a slow reader leaves in our memory.
 *
 * Node's own timers do for the time: `headersTimeout` runs from the moment of the connection, `requestTimeout` to the
 * last byte of the body, `keepAliveTimeout` between two requests. None runs while we answer: a quiet `logs -f` and a
 * `wait` may last for days. (`socket.setTimeout` would cut them.)
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createConnections } from './connections.ts';
import { linesTo } from './response-lines.ts';
import { Refused, type Lines, type Reply } from './route.ts';
import { failure, type Router } from './router.ts';

export interface ControlLimits {
  readonly bodyBytes: number;
  readonly connections: number;
  /** Of the connections, so many may watch something; the others are for those who come to ask a short question. */
  readonly watchers: number;
  readonly pipelined: number;
  /** How long a request may take to arrive. */
  readonly requestMs: number;
  /** How long a connection is kept after a response. */
  readonly idleMs: number;
  /** What a slow reader may leave in our memory. */
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
  /** Lets go of the path at once; who is connected stays so. */
  stopListening(): void;
  /** Ends the connections that ask for nothing, and frees their descriptors at once. */
  endIdle(): void;
  /** Ends every connection, streams too, and lets go of the path. */
  close(): Promise<void>;
}

/** Resolves when the socket at `path` listens; rejects with the system's error. */
export function listenForControl(
  router: Router,
  path: string,
  changedLimits: Partial<ControlLimits> = {},
): Promise<ControlServer> {
  const limits = { ...CONTROL_LIMITS, ...changedLimits };
  const connections = createConnections({ ...limits, refusal });
  const serve = createService(router, limits);
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: limits.requestMs,
      requestTimeout: limits.requestMs,
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
  server.on('clientError', (error: NodeJS.ErrnoException, connection) => {
    // Words of ours amid another response would be taken for a part of it.
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

/** To what is no HTTP, or came too slowly. */
function refusalOf({ code }: NodeJS.ErrnoException): string {
  const status =
    {
      HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
      ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
    }[code ?? ''] ?? '400 Bad Request';
  return `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;
}

type Service = (request: IncomingMessage, response: ServerResponse, gone: AbortSignal) => Promise<void>;

function createService(router: Router, limits: ControlLimits): Service {
  let watchers = 0;
  return async (request, response, gone) => {
    const reply = await replyTo(router, request, gone, limits.bodyBytes);
    if (gone.aborted) return;
    if (!('stream' in reply)) {
      send(response, reply.status, reply.body);
      return;
    }
    // What is to be done is done, however many are watching.
    const isWatching = request.method === 'GET';
    if (isWatching && watchers >= limits.watchers) {
      refuseWatcher(response, `${String(watchers)} streams are open, and no more are possible`);
      return;
    }
    if (isWatching && !limits.hasRoomFor('stream')) {
      refuseWatcher(
        response,
        'the supervisor has too few free descriptors for another stream (see `ulimit -n`)',
      );
      return;
    }
    watchers += isWatching ? 1 : 0;
    try {
      await stream(response, reply.stream, gone);
    } finally {
      watchers -= isWatching ? 1 : 0;
    }
  };
}

function refuseWatcher(response: ServerResponse, message: string): void {
  const reply = failure(new Refused(503, 'too-many-streams', message, 'end some of them'));
  if ('body' in reply) send(response, reply.status, reply.body);
}

/** Its request is not read: nothing of it was done. */
function refuseConnection(response: ServerResponse, why: string): void {
  response.shouldKeepAlive = false;
  send(response, 503, tooMany(why));
}

function tooMany(why: string): unknown {
  const reply = failure(
    new Refused(503, 'too-many-connections', why, 'try again later, or end some streams'),
  );
  return 'body' in reply ? reply.body : null;
}

function refusal(why: string): string {
  const body = `${JSON.stringify(tooMany(why))}\n`;
  const head = ['HTTP/1.1 503 Service Unavailable', 'connection: close', 'content-type: application/json'];
  return `${head.join('\r\n')}\r\ncontent-length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`;
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const body = `${JSON.stringify(value)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    // What is left of too large a request is not waited for.
    ...(status === 413 && { connection: 'close' }),
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

async function replyTo(
  router: Router,
  request: IncomingMessage,
  gone: AbortSignal,
  mostBytes: number,
): Promise<Reply> {
  let body: string;
  try {
    body = await bodyOf(request, mostBytes);
  } catch (thrown) {
    return failure(thrown);
  }
  return router({ verb: request.method ?? '', target: request.url ?? '', body, gone });
}

/** What comes beyond `mostBytes` is let go of as it comes: the refusal does not wait for it. */
function bodyOf(request: IncomingMessage, mostBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let byteCount = 0;
    request.on('data', (chunk: Buffer) => {
      byteCount += chunk.length;
      if (byteCount <= mostBytes) return void chunks.push(chunk);
      chunks = [];
      reject(new Refused(413, 'too-large', `a request takes ${String(mostBytes / 1024)} KiB at most`));
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString()));
    request.on('error', reject);
  });
}
