/**
 * One session: after the upgrade both sides send one JSON object a line. Requests are answered in any order, each by its
 * `id`. What the client holds ends with the connection.
 *
 * Theory of operation. Reading stops while too many requests are unanswered, or the client does not read its answers, so a
 * session takes bounded memory. The end of the client's side ends the session: a client that was killed looks the same.
 * Then all that it holds is given up at once, what waits in its name settles, and the answers that are left are sent to
 * a client that may still read them. Answers of one turn are written together.
 */
import type { ClientInfo } from '../../core/events.ts';
import type { Holder } from '../../runtime/exchange/holder.ts';
import type { Api } from '../api.ts';
import { LONGEST_REQUEST_BYTES, TOO_MUCH_UNFINISHED, UNFINISHED } from '../request-size.ts';
import { Refused } from '../route.ts';
import { failure } from '../router.ts';
import { whyNot } from '../schema.ts';
import { BadLine, createLineReader } from './line-reader.ts';
import { Delivery, type Verb } from './verb.ts';

export interface SessionLimits {
  /** Of one request. */
  readonly lineBytes: number;
  /** Requests without an answer, and the bytes in them. */
  readonly unanswered: number;
  readonly unansweredBytes: number;
  /** Answers and events that the client has not read. */
  readonly unsentBytes: number;
}

export const SESSION_LIMITS: SessionLimits = {
  lineBytes: LONGEST_REQUEST_BYTES,
  unanswered: 1000,
  // While one of the longest waits, others can be asked.
  unansweredBytes: LONGEST_REQUEST_BYTES + 8 * 1024 * 1024,
  unsentBytes: 1024 * 1024,
};

/** The part of a socket that is used here. */
export interface SessionSocket {
  on(event: 'data', listener: (bytes: Buffer) => void): unknown;
  on(event: 'end' | 'close' | 'drain' | 'error', listener: () => void): unknown;
  write(text: string): boolean;
  end(): unknown;
  pause(): unknown;
  resume(): unknown;
  readonly writableLength: number;
}

export interface SessionOptions {
  readonly api: Api;
  readonly verbs: ReadonlyMap<string, Verb>;
  readonly client: ClientInfo | undefined;
  /** Of this connection; aborted when it is closed. */
  readonly gone: AbortSignal;
  readonly limits?: Partial<SessionLimits>;
}

type Id = number | string;
type Request = Readonly<Record<string, unknown>>;

const PROBE_MS = 1000;

let sessions = 0;

/** What is written together; a string cannot hold 32 of the largest messages. */
const MOST_TOGETHER = 16 * 1024 * 1024;

export function openSession(socket: SessionSocket, options: SessionOptions): void {
  const { api, verbs, client, gone } = options;
  const limits = { ...SESSION_LIMITS, ...options.limits };
  const reader = createLineReader(limits.lineBytes);
  const cause = { by: 'request', ...(client && { client }) } as const;
  const releases = new Set<() => void>();
  const drains = new Set<() => void>();
  let unanswered = 0;
  let unansweredBytes = 0;
  let unwritten = '';
  let deliveries: { readonly text: string; readonly takeBack: () => void }[] = [];
  let isReading = true;
  let hasEnded = false;
  let probing: NodeJS.Timeout | undefined;

  const isFull = (): boolean =>
    unanswered >= limits.unanswered ||
    unansweredBytes >= limits.unansweredBytes ||
    socket.writableLength + unwritten.length > limits.unsentBytes;

  const regulate = (): void => {
    const may = !isFull();
    if (may === isReading || hasEnded) return;
    isReading = may;
    if (may) socket.resume();
    else socket.pause();
    clearInterval(probing);
    probing = may ? undefined : setInterval(probe, PROBE_MS);
  };

  const hasRoom = (): boolean => socket.writableLength + unwritten.length <= limits.unsentBytes;

  const drained = (): void => {
    regulate();
    if (!hasRoom() && !hasEnded) return;
    for (const each of [...drains]) each();
  };

  /** The lines of what is given away; of a session that has ended it is taken back. */
  const delivered = (): string => {
    const all = deliveries;
    deliveries = [];
    if (!hasEnded && !gone.aborted) return all.map(({ text }) => text).join('');
    for (const { takeBack } of all) takeBack();
    return '';
  };

  const flush = (): void => {
    const text = unwritten + delivered();
    unwritten = '';
    if (text !== '' && !gone.aborted) socket.write(text);
    drained();
    if (hasEnded && unanswered === 0) socket.end();
  };

  const write = (value: object): void => {
    if (unwritten === '' && deliveries.length === 0) setImmediate(flush);
    const text = `${JSON.stringify(value)}\n`;
    if (unwritten !== '' && unwritten.length + text.length > MOST_TOGETHER) flush();
    unwritten += text;
  };

  const deliver = (id: Id, { answer, takeBack }: Delivery): void => {
    if (unwritten === '' && deliveries.length === 0) setImmediate(flush);
    deliveries.push({ text: `${JSON.stringify({ id, ok: answer })}\n`, takeBack });
  };

  // While nothing is read, a client that was killed shows only when something is written. An empty line means nothing.
  const probe = (): void => {
    if (!isReading && socket.writableLength === 0) socket.write('\n');
  };

  const end = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    UNFINISHED.holds(holder, 0, end);
    clearInterval(probing);
    // What it has still sent is dropped; unread, it would hide that the client is gone.
    socket.resume();
    for (const release of [...releases]) release();
    releases.clear();
    drained();
    if (unanswered === 0 && unwritten === '' && deliveries.length === 0) socket.end();
  };

  const holder: Holder = {
    id: (sessions += 1),
    client,
    get hasEnded() {
      return hasEnded;
    },
    onEnd(release) {
      if (!hasEnded) releases.add(release);
      return () => void releases.delete(release);
    },
    tell(event) {
      if (!hasEnded) write({ event });
      return hasRoom();
    },
    drained: () =>
      new Promise((resolve) => {
        if (hasEnded || hasRoom()) return resolve();
        const once = (): void => {
          drains.delete(once);
          resolve();
        };
        drains.add(once);
      }),
  };

  const answer = async (id: Id, request: Request): Promise<void> => {
    try {
      const { verb, input } = requestOf(verbs, request);
      const ok = await verb.handle(api, { input: input as never, holder, gone, cause });
      if (ok instanceof Delivery) deliver(id, ok);
      else write({ id, ok });
    } catch (thrown) {
      write({ id, ...errorOf(thrown) });
    }
  };

  const take = (line: string): void => {
    const request = parsed(line);
    const id = idOf(request);
    if (request === undefined || id === undefined) {
      write({ id: null, ...errorOf(new Refused(400, 'bad-request', whyNoRequest(request))) });
      end();
      return;
    }
    void carryOut(id, request, line.length);
  };

  // Apart: while it waits, the text of the request is not kept.
  const carryOut = async (id: Id, request: Request, length: number): Promise<void> => {
    unanswered += 1;
    unansweredBytes += length;
    await answer(id, request);
    unanswered -= 1;
    unansweredBytes -= length;
  };

  const tooMuch = (): void => {
    write({ id: null, ...errorOf(new Refused(503, 'busy', TOO_MUCH_UNFINISHED)) });
    end();
  };

  socket.on('data', (bytes) => {
    if (hasEnded) return;
    try {
      for (const line of reader.take(bytes)) if (!holder.hasEnded) take(line);
      if (!holder.hasEnded) UNFINISHED.holds(holder, reader.heldBytes, tooMuch);
    } catch (thrown) {
      const why = thrown instanceof BadLine ? thrown.message : String(thrown);
      write({ id: null, ...errorOf(new Refused(400, 'bad-request', why)) });
      end();
    }
    regulate();
  });
  socket.on('drain', drained);
  socket.on('end', end);
  socket.on('close', end);
  socket.on('error', end);
  socket.resume();
}

/** Throws `Refused` where it is no valid request. */
function requestOf(
  verbs: ReadonlyMap<string, Verb>,
  request: Request,
): { readonly verb: Verb; readonly input: Request } {
  const { do: name, ...rest } = request;
  const input: Record<string, unknown> = rest;
  delete input['id'];
  const verb = typeof name === 'string' ? verbs.get(name) : undefined;
  if (verb === undefined)
    throw new Refused(404, 'unknown-verb', `unknown verb ${JSON.stringify(name ?? null).slice(0, 80)}`);
  const wrong = whyNot(verb.input, input, 'request');
  if (wrong !== undefined) throw new Refused(400, 'bad-request', wrong);
  return { verb, input };
}

function parsed(line: string): Request | undefined {
  try {
    const value = JSON.parse(line) as unknown;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return value as Request;
  } catch {
    return undefined;
  }
}

const MOST_ID_CHARACTERS = 64;

function idOf(request: Request | undefined): Id | undefined {
  const id = request?.['id'];
  if (typeof id === 'number' && Number.isSafeInteger(id)) return id;
  return typeof id === 'string' && id.length <= MOST_ID_CHARACTERS ? id : undefined;
}

const whyNoRequest = (request: object | undefined): string =>
  request === undefined
    ? 'a request must be a JSON object in one line'
    : "missing or invalid 'id' in request";

function errorOf(thrown: unknown): { readonly error: unknown } {
  const reply = failure(thrown);
  return 'body' in reply ? (reply.body as { readonly error: unknown }) : { error: null };
}
