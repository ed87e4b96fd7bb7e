/**
 * The router on a Unix socket, as HTTP. Everything a client can do wrong is bounded here: size and time of a request,
 * connections in number and in idleness. A new connection is never turned away for old ones that ask for nothing:
 * it is they who have to go.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Lines, Reply } from './route.ts';
import { Refused } from './route.ts';
import { failure, type Router } from './router.ts';

const MOST_BODY_BYTES = 256 * 1024;
const MOST_CONNECTIONS = 256;
const REQUEST_MS = 10_000;
const IDLE_MS = 10_000;
/** What a slow reader of a stream may leave in our memory. */
const MOST_UNSENT_BYTES = 64 * 1024;

/** A connection as our server sees it. */
type Connection = IncomingMessage['socket'];

export interface ControlServer {
  /** Lets go of the path at once; who is connected stays so. */
  stopListening(): void;
  /** Ends every connection, streams too, and lets go of the path. */
  close(): Promise<void>;
}

/** Resolves when the socket at `path` listens; rejects with the system's error. */
export function listenForControl(router: Router, path: string): Promise<ControlServer> {
  const connections = new Map<Connection, { requests: number }>();
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: IDLE_MS,
      connectionsCheckingInterval: 1000,
      // Its memory is better spent on processes.
      highWaterMark: MOST_UNSENT_BYTES,
    },
    (request, response) => {
      const connection = connections.get(request.socket);
      if (connection !== undefined) connection.requests += 1;
      response.once('close', () => {
        if (connection !== undefined) connection.requests -= 1;
      });
      void serve(router, request, response);
    },
  );

  server.on('connection', (socket) => {
    connections.set(socket, { requests: 0 });
    socket.on('close', () => connections.delete(socket));
    socket.setTimeout(IDLE_MS, () => {
      if (connections.get(socket)?.requests === 0) socket.destroy();
    });
    if (connections.size > MOST_CONNECTIONS) dropOldestIdle(connections, socket);
  });
  server.on('clientError', (_error, socket) => socket.destroy());

  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.on('error', () => undefined);
      resolve({
        stopListening: () => void server.close(),
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}

/** In the order of arrival; if all are busy, the newcomer has to go. */
function dropOldestIdle(
  connections: ReadonlyMap<Connection, { requests: number }>,
  newcomer: Connection,
): void {
  for (const [socket, { requests }] of connections) {
    if (requests > 0) continue;
    socket.destroy();
    return;
  }
  newcomer.destroy();
}

async function serve(router: Router, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.on('error', () => undefined);
  const reply = await replyTo(router, request, gone.signal);
  if (gone.signal.aborted) return;
  if ('stream' in reply) {
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
    response.flushHeaders();
    await reply.stream(linesTo(response, gone.signal)).catch((thrown: unknown) => {
      const told = failure(thrown);
      if ('body' in told) response.write(`${JSON.stringify(told.body)}\n`);
    });
    response.end();
    return;
  }
  const body = `${JSON.stringify(reply.body)}\n`;
  response.writeHead(reply.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(reply.status === 413 && { connection: 'close' }),
  });
  response.end(body);
}

async function replyTo(router: Router, request: IncomingMessage, gone: AbortSignal): Promise<Reply> {
  let body: string;
  try {
    body = await bodyOf(request);
  } catch (thrown) {
    return failure(thrown);
  }
  return router({ verb: request.method ?? '', target: request.url ?? '', body, gone });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    byteCount += chunk.length;
    if (byteCount > MOST_BODY_BYTES) {
      throw new Refused(413, 'too-large', `a request takes ${String(MOST_BODY_BYTES / 1024)} KiB at most`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function linesTo(response: ServerResponse, gone: AbortSignal): Lines {
  return {
    write: (value) => gone.aborted || response.write(`${JSON.stringify(value)}\n`),
    ready: () =>
      new Promise((resolve) => {
        if (gone.aborted || !response.writableNeedDrain) return resolve();
        response.once('drain', resolve);
        gone.addEventListener('abort', () => resolve(), { once: true });
      }),
  };
}
