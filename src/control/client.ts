/** Asks a supervisor over its Unix socket. */
import { request as httpRequest, type IncomingMessage } from 'node:http';

/** The supervisor's answer. `status` is HTTP's: 200 and 202 are success. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Nobody answers at the socket: it is stale, or the supervisor has ended in the middle of the answer. */
export class Unreachable extends Error {}

export interface StreamEvents {
  readonly line: (value: unknown) => void;
  /** The stream is over; `error` is what the server had against it. */
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
  const ask = (method: string, path: string, body?: unknown): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const lost = (error: Error) => reject(new Unreachable(error.message, { cause: error }));
      const text = body === undefined ? '' : JSON.stringify(body);
      const headers =
        text === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
      const sent = httpRequest({ socketPath, method, path, headers }, (response) => {
        let received = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (received += chunk));
        response.on('error', lost);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parsed(received) }));
      });
      sent.on('error', lost);
      sent.end(text);
    });

  return {
    get: (path, query = {}) => ask('GET', path + queryText(query)),
    post: (path, body = {}) => ask('POST', path, body),
    stream(verb, path, query, on) {
      let isOver = false;
      const end = (error?: ErrorBody): void => {
        if (isOver) return;
        isOver = true;
        on.ended(error);
      };
      let response: IncomingMessage | undefined;
      const sent = httpRequest({ socketPath, method: verb, path: path + queryText(query) }, (arrived) => {
        response = arrived;
        const isRefused = arrived.statusCode !== 200;
        let refusal = '';
        splitLines(arrived, (line) => {
          if (isRefused) refusal += line;
          else if (!isOver) on.line(parsed(line));
        });
        arrived.on('error', () => end());
        arrived.on('close', () => end(isRefused ? errorOf(parsed(refusal)) : undefined));
      });
      sent.on('error', (error) =>
        end(response === undefined ? { code: 'unreachable', message: error.message } : undefined),
      );
      sent.end();
      return {
        close() {
          isOver = true;
          sent.destroy();
        },
        pause: () => void response?.pause(),
        resume: () => void response?.resume(),
      };
    },
  };
}

/** The error that an answer brings, if it is none of success. */
export function errorOf(body: unknown): ErrorBody {
  const error = (body as { readonly error?: ErrorBody } | null)?.error;
  return (
    error ?? { code: 'unintelligible', message: 'the supervisor gives no answer that could be understood' }
  );
}

function splitLines(response: IncomingMessage, each: (line: string) => void): void {
  let rest = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) each(line);
  });
  response.on('end', () => {
    if (rest !== '') each(rest);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function queryText(query: Query): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) words.set(name, Array.isArray(value) ? value.join(',') : String(value));
  }
  const text = words.toString();
  return text === '' ? '' : `?${text}`;
}
