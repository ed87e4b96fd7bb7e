/**
 * The client of a supervisor's Unix socket. It speaks HTTP/1.0, where a response is a head, a body and the end of the
 * connection, so it needs no HTTP library: loading one and its first request would take 20 ms of the 35 ms of a `ps`.
 */
import { connect, type Socket } from 'node:net';
import type { ClientInfo } from '../core/events.ts';
import { CLIENT_HEADER, clientHeader } from './client-info.ts';

/** The supervisor's answer. `status` is the HTTP status: 200 and 202 mean success. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The supervisor cannot be reached: its socket is stale, or it has exited in the middle of the answer. */
export class Unreachable extends Error {}

export interface StreamEvents {
  readonly line: (value: unknown) => void;
  /** The stream has ended; `error` is the server's error, or why the server cannot be reached. */
  readonly ended: (error?: ErrorBody) => void;
}

export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
}

export interface Stream {
  close(): void;
  /** Stops reading until `resume`, which slows down the supervisor's answer. */
  pause(): void;
  resume(): void;
}

export interface ControlClient {
  get(path: string, query?: Query): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
  /** `input`: the query, or the body of a POST. */
  stream(verb: 'GET' | 'POST', path: string, input: StreamInput, on: StreamEvents): Stream;
}

/** Undefined values are omitted; lists are joined with commas. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** A POST may have objects in it. */
export type StreamInput = Query | Readonly<Record<string, unknown>>;

/** How long we wait for the first byte of an answer. */
export interface Patience {
  /** After this time of silence we ask something else, which takes no time: an answer to a `wait` may take days. */
  readonly probeAfterMs: number;
  /** The supervisor does not answer to that either for this long: it hangs. */
  readonly probeMs: number;
  /** Called when a probe has got no answer for a moment, so that the user knows what we are waiting for. */
  readonly silent?: () => void;
}

const PATIENCE: Patience = { probeAfterMs: 3_000, probeMs: 7_000 };
/** A probe that is answered within this time is not worth a word. */
const PROBE_NOTE_MS = 1_000;

/** `info`: what we say about ourselves when we ask for a change. */
export function createClient(
  socketPath: string,
  info: ClientInfo = {},
  changedPatience: Partial<Patience> = {},
): ControlClient {
  const requestText = createRequestText(info);
  const server: Server = { path: socketPath, patience: { ...PATIENCE, ...changedPatience } };
  const ask = (verb: 'GET' | 'POST', target: string, body = ''): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const pieces: Buffer[] = [];
      let received = 0;
      const answer = ({ status }: Head): void =>
        resolve({ status, body: parsed(Buffer.concat(pieces).toString()) });
      const socket = exchange(server, requestText(verb, target, body), {
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
          else reject(new Unreachable(lost?.message ?? 'the connection was closed', { cause: lost }));
        },
      });
    });

  return {
    get: (path, query = {}) => ask('GET', path + queryText(query)),
    post: (path, body = {}) => ask('POST', path, JSON.stringify(body)),
    stream: (verb, path, input, on) =>
      openStream(
        server,
        verb === 'GET'
          ? requestText(verb, path + queryText(input as Query))
          : requestText(verb, path, JSON.stringify(input)),
        on,
      ),
  };
}

/** The error in the body of a failed answer. */
export function errorOf(body: unknown): ErrorBody {
  if (isFailure(body)) return body.error;
  return { code: 'unintelligible', message: 'the supervisor sent an invalid answer' };
}

function isFailure(body: unknown): body is { readonly error: ErrorBody } {
  const error = (body as { readonly error?: Partial<ErrorBody> | null } | null)?.error;
  return typeof error === 'object' && typeof error?.code === 'string' && typeof error.message === 'string';
}

function openStream(server: Server, request: string, on: StreamEvents): Stream {
  const decoder = new TextDecoder();
  let rest = '';
  let isClosed = false;
  let failure: ErrorBody | undefined;
  /** A stream that fails ends with a line that contains the error. */
  const take = (value: unknown): void => {
    if (isFailure(value)) failure = value.error;
    else if (!isClosed) on.line(value);
  };
  const socket = exchange(server, request, {
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
      if (head === undefined)
        on.ended({
          code: lost instanceof Silent ? SILENT : 'unreachable',
          message: lost?.message ?? 'the connection was closed',
        });
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
  /** Length of the body in bytes; undefined if it lasts until the end of the connection. */
  readonly length: number | undefined;
}

interface ExchangeEvents {
  /** A piece of the body, after the head. */
  readonly piece: (bytes: Buffer, head: Head) => void;
  /** Called once. `head` is undefined if it did not arrive completely; `lost` is why the connection broke. */
  readonly ended: (head: Head | undefined, lost?: Error) => void;
}

interface Server {
  readonly path: string;
  readonly patience: Patience;
}

/** The code of the error if the supervisor accepts connections and does not answer. */
export const SILENT = 'silent';

class Silent extends Error {
  constructor({ probeAfterMs, probeMs }: Patience) {
    super(`no answer within ${String((probeAfterMs + probeMs) / 1000)}s`);
  }
}

/** Calls back once if the supervisor hangs, until the returned function is called. */
function watchSilence({ path, patience }: Server, hangs: () => void): () => void {
  const { probeAfterMs, probeMs, silent } = patience;
  let timers: NodeJS.Timeout[] = [];
  let probe: Socket | undefined;
  const stop = (): void => {
    timers.forEach(clearTimeout);
    probe?.destroy();
  };
  const ask = (): void => {
    probe = connect(path);
    // If it cannot be connected to, the request itself is told so.
    probe.on('error', () => undefined);
    probe.once('data', watch);
    probe.write('GET /v1/supervisor HTTP/1.0\r\n\r\n');
    timers = [setTimeout(() => silent?.(), Math.min(PROBE_NOTE_MS, probeMs)), setTimeout(hangs, probeMs)];
  };
  const watch = (): void => {
    stop();
    timers = [setTimeout(ask, probeAfterMs)];
  };
  watch();
  return stop;
}

/** Sends one request on its own connection. */
function exchange(server: Server, request: string, on: ExchangeEvents): Socket {
  let start = Buffer.alloc(0);
  let head: Head | undefined;
  let lost: Error | undefined;
  const socket = connect(server.path);
  const stopWatching = watchSilence(server, () => {
    lost = new Silent(server.patience);
    socket.destroy();
  });
  socket.once('data', stopWatching);
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
  socket.on('close', () => {
    stopWatching();
    on.ended(head, lost);
  });
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
