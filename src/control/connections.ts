/**
 * Who is connected, and what each asks for at the moment. A new connection is never turned away for old ones that ask
 * for nothing: it is they who have to go. When all are busy it is answered with a refusal, of which a few can wait for
 * their request at the same time.
 */
import type { ServerResponse } from 'node:http';

/** What we need of a socket. */
export interface Connection {
  once(event: 'close', listener: () => void): unknown;
  write(text: string): unknown;
  destroy(): unknown;
}

export interface Connections {
  /** May end another one, or this one itself. */
  add(connection: Connection): void;
  /**
   * Aborted when the response is over or its reader has gone. Undefined if this is more than one connection may ask for
   * at the same time: then it is ended. `refused`: why there is nothing but a refusal for this connection.
   */
  begin(
    response: ServerResponse,
    connection: Connection,
  ): AbortSignal | { readonly refused: string } | undefined;
  /** Is a response under way or waited for? */
  isBusy(connection: Connection): boolean;
  /** Ends those that ask for nothing, at once. */
  endIdle(): void;
  endAll(): void;
}

export interface ConnectionLimits {
  /** Connections in all. */
  readonly connections: number;
  /** Requests of one connection that have no whole response yet. */
  readonly pipelined: number;
  /** Whether so many descriptors are free, beside those that are kept for other things. */
  readonly hasRoomFor: (use: 'question' | 'stream') => boolean;
  /** The whole answer for one that is refused before its request is read. */
  readonly refusal: (why: string) => string;
}

const MOST_REFUSED = 4;

export function createConnections({
  connections: most,
  pipelined,
  hasRoomFor,
  refusal,
}: ConnectionLimits): Connections {
  const all = new Map<Connection, Set<AbortController>>();
  const refused = new Map<Connection, string>();

  // Node tells only the response that is being written of the end of a connection, and not those that wait behind it.
  const forget = (connection: Connection): void => {
    const asked = all.get(connection);
    all.delete(connection);
    refused.delete(connection);
    for (const one of asked ?? []) one.abort();
  };

  const end = (connection: Connection): void => {
    forget(connection);
    connection.destroy();
  };

  /** In the order of arrival, so that it is the newcomer itself when all others are busy. */
  const oldestIdle = (): Connection | undefined => {
    for (const [connection, asked] of all) {
      if (asked.size === 0 && !refused.has(connection)) return connection;
    }
    return undefined;
  };

  const whyNoMore = (): string | undefined => {
    if (all.size - refused.size > most)
      return `${String(most)} connections are open, and no more are possible`;
    return hasRoomFor('question')
      ? undefined
      : 'the supervisor has no free descriptors left (see `ulimit -n`)';
  };

  const refuse = (connection: Connection, why: string): void => {
    refused.set(connection, why);
    const [oldest] = refused.keys();
    if (refused.size <= MOST_REFUSED || oldest === undefined) return;
    // Its request is there by now, in most cases: else all that it hears is that the connection was reset.
    oldest.write(refusal(refused.get(oldest) ?? why));
    end(oldest);
  };

  return {
    add(connection) {
      all.set(connection, new Set());
      connection.once('close', () => forget(connection));
      const why = whyNoMore();
      if (why === undefined) return;
      const idle = oldestIdle();
      if (idle === undefined || idle === connection) refuse(connection, why);
      else end(idle);
    },
    begin(response, connection) {
      const asked = all.get(connection);
      if (asked === undefined || asked.size >= pipelined) {
        end(connection);
        return undefined;
      }
      const why = refused.get(connection);
      if (why !== undefined) return { refused: why };
      const gone = new AbortController();
      asked.add(gone);
      response.once('close', () => {
        asked.delete(gone);
        gone.abort();
      });
      return gone.signal;
    },
    isBusy: (connection) => (all.get(connection)?.size ?? 0) > 0,
    endIdle() {
      for (const [connection, asked] of all) {
        if (asked.size === 0 && !refused.has(connection)) end(connection);
      }
    },
    endAll() {
      for (const connection of [...all.keys()]) end(connection);
    },
  };
}
