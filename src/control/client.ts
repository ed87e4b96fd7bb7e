/**
 * Asks a supervisor over its Unix socket. It speaks HTTP/1.0, in which an answer is a head, a body, and the end of the
 * connection: that takes no HTTP library, whose loading and first request would take 20 ms of a `ps` that has 35.
 */
import { connect, type Socket } from 'node:net';

/** The supervisor's answer. `status` is HTTP's: 200 and 202 are success. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Nobody answers at the socket: it is stale, or the supervisor has ended in the middle of the answer. */
export class Unreachable extends Error {}

export interface StreamEvents {
  readonly line: (value: unknown) => void;
  /** The stream is over; `error` is what the server had against it, or why there is no server. */
  readonly ended: (error?: ErrorBody) => void;
}

export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
}

export interface Stream {
  close(): void;
  /** Reads no more until `resume`, and so slows the supervisor's answer down. */
  pause(): void;
  resume(): void;
}

export interface ControlClient {
  get(path: string, query?: Query): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
  stream(verb: 'GET' | 'POST', path: string, query: Query, on: StreamEvents): Stream;
}

/** Undefined values are left out; lists become one word with commas. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export function createClient(socketPath: string): ControlClient {
  const ask = (verb: string, target: string, body = ''): Promise<Answer> =>
    new Promise((resolve, reject) => {
      let received = '';
      exchange(socketPath, requestText(verb, target, body), {
        text: (text) => (received += text),
        ended(status, lost) {
          if (lost === undefined && status !== undefined) resolve({ status, body: parsed(received) });
          else reject(new Unreachable(lost?.message ?? 'it has ended', { cause: lost }));
        },
      });
    });

  return {
    get: (path, query = {}) => ask('GET', path + queryText(query)),
    post: (path, body = {}) => ask('POST', path, JSON.stringify(body)),
    stream: (verb, path, query, on) =>
      openStream(socketPath, requestText(verb, path + queryText(query), ''), on),
  };
}

/** The error that an answer brings, if it is none of success. */
export function errorOf(body: unknown): ErrorBody {
  if (isFailure(body)) return body.error;
  return { code: 'unintelligible', message: 'the supervisor gives no answer that could be understood' };
}

function isFailure(body: unknown): body is { readonly error: ErrorBody } {
  const error = (body as { readonly error?: Partial<ErrorBody> | null } | null)?.error;
  return typeof error === 'object' && typeof error?.code === 'string' && typeof error.message === 'string';
}

function openStream(socketPath: string, request: string, on: StreamEvents): Stream {
  let rest = '';
  let isClosed = false;
  let failure: ErrorBody | undefined;
  /** A stream that fails has the reason in its last line. */
  const take = (value: unknown): void => {
    if (isFailure(value)) failure = value.error;
    else if (!isClosed) on.line(value);
  };
  const socket = exchange(socketPath, request, {
    text(text, status) {
      const lines = (rest + text).split('\n');
      rest = status === OK ? (lines.pop() ?? '') : rest + text;
      if (status !== OK) return;
      for (const line of lines) take(parsed(line));
    },
    ended(status, lost) {
      if (isClosed) return;
      isClosed = true;
      if (status === OK) on.ended(failure);
      else if (status === undefined)
        on.ended({ code: 'unreachable', message: lost?.message ?? 'it has ended' });
      else on.ended(errorOf(parsed(rest)));
    },
  });
  return {
    close() {
      isClosed = true;
      socket.destroy();
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
  };
}

const OK = 200;

interface ExchangeEvents {
  /** A piece of the body, as text; the head was read before. */
  readonly text: (text: string, status: number) => void;
  /** Comes once. Without a status there was no whole head; `lost` is why the connection broke. */
  readonly ended: (status: number | undefined, lost?: Error) => void;
}

/** One request on a connection of its own. */
function exchange(path: string, request: string, on: ExchangeEvents): Socket {
  let head = '';
  let status: number | undefined;
  let lost: Error | undefined;
  const socket = connect(path);
  socket.setEncoding('utf8');
  socket.on('data', (data: unknown) => {
    const text = String(data);
    if (status !== undefined) {
      on.text(text, status);
      return;
    }
    head += text;
    const end = head.indexOf(HEAD_END);
    if (end === -1) return;
    status = Number(/^HTTP\/1\.\d (\d{3})/.exec(head)?.[1] ?? 0);
    const body = head.slice(end + HEAD_END.length);
    if (body !== '') on.text(body, status);
  });
  socket.on('error', (error) => (lost = error));
  socket.on('close', () => on.ended(status, lost));
  socket.write(request);
  return socket;
}

const HEAD_END = '\r\n\r\n';

function requestText(verb: string, target: string, body: string): string {
  const length = new TextEncoder().encode(body).length;
  const headers =
    body === '' ? '' : `content-type: application/json\r\ncontent-length: ${String(length)}\r\n`;
  return `${verb} ${target} HTTP/1.0\r\n${headers}\r\n${body}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function queryText(query: Query): string {
  const words = Object.entries(query).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return `${name}=${encodeURIComponent(Array.isArray(value) ? value.join(',') : String(value))}`;
  });
  return words.length === 0 ? '' : `?${words.join('&')}`;
}
