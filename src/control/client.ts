/**
 * Asks a supervisor over its Unix socket. It speaks HTTP/1.0, in which an answer is a head, a body, and the end of the
 * connection: that takes no HTTP library, whose loading and first request would take 20 ms of a `ps` that has 35.
 */
import { connect, type Socket } from 'node:net';
import type { ClientInfo } from '../core/events.ts';
import { CLIENT_HEADER, clientHeader } from './client-info.ts';

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

/** `info`: what we say about ourselves when we ask for a change. */
export function createClient(socketPath: string, info: ClientInfo = {}): ControlClient {
  const requestText = createRequestText(info);
  const ask = (verb: 'GET' | 'POST', target: string, body = ''): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const pieces: Buffer[] = [];
      let received = 0;
      const answer = ({ status }: Head): void =>
        resolve({ status, body: parsed(Buffer.concat(pieces).toString()) });
      const socket = exchange(socketPath, requestText(verb, target, body), {
        piece(bytes, head) {
          pieces.push(bytes);
          received += bytes.length;
          if (received < (head.length ?? Infinity)) return;
          answer(head);
          socket.destroy();
        },
        ended(head, lost) {
          const isWhole = head !== undefined && head.status > 0 && received >= (head.length ?? 0);
          if (isWhole && lost === undefined) answer(head);
          else reject(new Unreachable(lost?.message ?? 'it has ended', { cause: lost }));
        },
      });
    });

  return {
    get: (path, query = {}) => ask('GET', path + queryText(query)),
    post: (path, body = {}) => ask('POST', path, JSON.stringify(body)),
    stream: (verb, path, query, on) => openStream(socketPath, requestText(verb, path + queryText(query)), on),
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
  const decoder = new TextDecoder();
  let rest = '';
  let isClosed = false;
  let failure: ErrorBody | undefined;
  /** A stream that fails has the reason in its last line. */
  const take = (value: unknown): void => {
    if (isFailure(value)) failure = value.error;
    else if (!isClosed) on.line(value);
  };
  const socket = exchange(socketPath, request, {
    piece(bytes, { status }) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
      rest = status === OK ? (lines.pop() ?? '') : lines.join('\n');
      if (status === OK) for (const line of lines) take(parsed(line));
    },
    ended(head, lost) {
      if (isClosed) return;
      const last = parsed(rest);
      if (head?.status === OK && last !== null) take(last);
      isClosed = true;
      if (head === undefined) on.ended({ code: 'unreachable', message: lost?.message ?? 'it has ended' });
      else on.ended(head.status === OK ? failure : errorOf(last));
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

interface Head {
  readonly status: number;
  /** Of the body, in bytes; undefined where only the end of the connection tells. */
  readonly length: number | undefined;
}

interface ExchangeEvents {
  /** A piece of the body; the head was read before. */
  readonly piece: (bytes: Buffer, head: Head) => void;
  /** Comes once. Without a head there was none that is whole; `lost` is why the connection broke. */
  readonly ended: (head: Head | undefined, lost?: Error) => void;
}

/** One request on a connection of its own. */
function exchange(path: string, request: string, on: ExchangeEvents): Socket {
  let start = Buffer.alloc(0);
  let head: Head | undefined;
  let lost: Error | undefined;
  const socket = connect(path);
  socket.on('data', (bytes: Buffer) => {
    if (head !== undefined) {
      on.piece(bytes, head);
      return;
    }
    start = Buffer.concat([start, bytes]);
    const end = start.indexOf(HEAD_END);
    if (end === -1) return;
    head = headIn(start.toString('latin1', 0, end));
    const body = start.subarray(end + HEAD_END.length);
    if (body.length > 0) on.piece(body, head);
  });
  socket.on('error', (error) => (lost = error));
  socket.on('close', () => on.ended(head, lost));
  socket.write(request);
  return socket;
}

const HEAD_END = '\r\n\r\n';

function headIn(text: string): Head {
  const length = /^content-length: *(\d+)/im.exec(text)?.[1];
  return {
    status: Number(/^HTTP\/1\.\d (\d{3})/.exec(text)?.[1] ?? 0),
    length: length === undefined ? undefined : Number(length),
  };
}

type RequestText = (verb: 'GET' | 'POST', target: string, body?: string) => string;

function createRequestText(info: ClientInfo): RequestText {
  const said = clientHeader(info);
  const client = said === '' ? '' : `${CLIENT_HEADER}: ${said}\r\n`;
  return (verb, target, body = '') => {
    const length = new TextEncoder().encode(body).length;
    const content =
      body === '' ? '' : `content-type: application/json\r\ncontent-length: ${String(length)}\r\n`;
    return `${verb} ${target} HTTP/1.0\r\n${verb === 'POST' ? client : ''}${content}\r\n${body}`;
  };
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
    return `${encodeURIComponent(name)}=${encodeURIComponent(Array.isArray(value) ? value.join(',') : String(value))}`;
  });
  return words.length === 0 ? '' : `?${words.join('&')}`;
}
