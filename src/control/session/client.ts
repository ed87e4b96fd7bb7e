/** The client of a session: many requests at a time over one connection, each answered by its number. */
import { connect, type Socket } from 'node:net';
import type { ClientInfo } from '../../core/events.ts';
import { CLIENT_HEADER, clientHeader } from '../client-info.ts';
import { errorOf, Unreachable, type ErrorBody } from '../client.ts';
import { createLineReader } from './line-reader.ts';
import { SESSION_PATH, SESSION_PROTOCOL } from './upgrade.ts';

export interface SessionClient {
  /** Resolves with the answer; rejects with `VerbError`, or with `Unreachable` if the session has ended before. */
  ask(verb: string, input: object): Promise<unknown>;
  /** What the supervisor tells unasked, until the returned function is called. */
  onEvent(listener: (event: unknown) => void): () => void;
  /** Of the connection; a child that inherits it keeps what is held. Undefined where Node does not tell. */
  readonly descriptor: number | undefined;
  /** Resolves when the session has ended, with why if we have not closed it. */
  readonly ended: Promise<Unreachable | undefined>;
  /** What is held is given up. */
  close(): void;
  /** Whether the connection keeps this process alive; at first it does. */
  ref(): void;
  unref(): void;
}

/** A verb was refused. */
export class VerbError extends Error {
  readonly code: string;
  readonly remedy: string | undefined;

  constructor({ code, message, remedy }: ErrorBody) {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }
}

/** Answers are longer than requests: a `get` has many messages. */
const MOST_ANSWER_BYTES = 256 * 1024 * 1024;
const HEAD_END = '\r\n\r\n';

/** Rejects with `Unreachable`, or with `VerbError` where the supervisor refuses a session. */
export function connectSession(socketPath: string, info: ClientInfo = {}): Promise<SessionClient> {
  const socket = connect(socketPath);
  socket.write(upgradeRequest(info));
  return new Promise((resolve, reject) => {
    let start = Buffer.alloc(0);
    const fail = (why?: Error): void =>
      reject(new Unreachable(why?.message ?? 'the connection was closed', { cause: why }));
    const take = (bytes: Buffer): void => {
      start = Buffer.concat([start, bytes]);
      const end = start.indexOf(HEAD_END);
      if (end === -1) return;
      const head = start.toString('latin1', 0, end);
      if (!head.startsWith('HTTP/1.1 101 ')) return;
      socket.off('data', take);
      socket.off('error', fail);
      socket.off('close', closed);
      resolve(createSession(socket, start.subarray(end + HEAD_END.length)));
    };
    const closed = (): void => {
      const end = start.indexOf(HEAD_END);
      if (end === -1) return fail();
      reject(new VerbError(errorOf(bodyIn(start.toString('utf8', end + HEAD_END.length)))));
    };
    socket.on('data', take);
    socket.on('error', fail);
    socket.on('close', closed);
  });
}

function upgradeRequest(info: ClientInfo): string {
  const said = clientHeader(info);
  return [
    `GET ${SESSION_PATH} HTTP/1.1`,
    'host: procsup',
    'connection: Upgrade',
    `upgrade: ${SESSION_PROTOCOL}`,
    ...(said === '' ? [] : [`${CLIENT_HEADER}: ${said}`]),
    '\r\n',
  ].join('\r\n');
}

interface Asked {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (why: Error) => void;
}

interface Told {
  readonly id?: number | null;
  readonly ok?: unknown;
  readonly event?: unknown;
}

function createSession(socket: Socket, head: Buffer): SessionClient {
  const reader = createLineReader(MOST_ANSWER_BYTES);
  const asked = new Map<number, Asked>();
  const listeners = new Set<(event: unknown) => void>();
  let lastId = 0;
  let unwritten = '';
  let isClosed = false;
  let lost: Error | undefined;
  let ending: Unreachable | undefined;

  // When all that is ready has run: what a loop asks for message by message is one write.
  const flush = (): void => {
    socket.write(unwritten);
    unwritten = '';
  };

  const hear = (line: string): void => {
    const told = JSON.parse(line) as Told;
    if ('event' in told) {
      for (const listener of [...listeners]) listener(told.event);
      return;
    }
    const one = asked.get(told.id ?? -1);
    // An error without a number is about the session itself, which ends.
    if (one === undefined) return void (lost ??= new VerbError(errorOf(told)));
    asked.delete(told.id ?? -1);
    if ('ok' in told) one.resolve(told.ok);
    else one.reject(new VerbError(errorOf(told)));
  };

  const take = (bytes: Buffer): void => {
    try {
      for (const line of reader.take(bytes)) hear(line);
    } catch (thrown) {
      lost = thrown as Error;
      socket.destroy();
    }
  };

  const ended = new Promise<Unreachable | undefined>((resolve) => {
    socket.on('error', (error) => (lost ??= error));
    socket.on('close', () => {
      ending = new Unreachable(lost?.message ?? 'the session has ended', { cause: lost });
      for (const { reject } of asked.values()) reject(ending);
      asked.clear();
      resolve(isClosed ? undefined : ending);
    });
  });
  socket.on('data', take);
  if (head.length > 0) take(head);

  return {
    ask: (verb, input) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(new Unreachable('the session was closed'));
        if (ending !== undefined) return reject(ending);
        const id = (lastId += 1);
        asked.set(id, { resolve, reject });
        if (unwritten === '') process.nextTick(flush);
        unwritten += `${JSON.stringify({ id, do: verb, ...input })}\n`;
      }),
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    descriptor: (socket as unknown as { readonly _handle?: { readonly fd?: number } | null })._handle?.fd,
    ended,
    close() {
      isClosed = true;
      socket.destroy();
    },
    ref: () => void socket.ref(),
    unref: () => void socket.unref(),
  };
}

function bodyIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
