/**
 * The open connections and their current requests. A new connection is never refused because of idle ones: the oldest
 * idle connection is closed instead. When all are busy it is answered with a refusal, and only a few of those may wait
 * for their request at the same time.
 */
/** The part of a socket that is used here. */
export interface Connection {
  once(event: 'close', listener: () => void): unknown;
  write(text: string): unknown;
  destroy(): unknown;
}

/** What a request is answered by: a response, or the connection itself when it has become a session. */
export interface Answering {
  once(event: 'close', listener: () => void): unknown;
}

export interface Connections {
  /** May close another connection, or the new one itself. */
  add(connection: Connection): void;
  /**
   * A signal that is aborted when the response has ended or its reader is gone. Undefined if the connection has too
   * many pending requests: then it is closed. `refused`: why this connection gets nothing but a refusal.
   */
  begin(response: Answering, connection: Connection): AbortSignal | { readonly refused: string } | undefined;
  /** Whether a response is pending or being sent. */
  isBusy(connection: Connection): boolean;
  /** Ends those that ask for nothing, at once. */
  endIdle(): void;
  endAll(): void;
}

export interface ConnectionLimits {
  /** Maximum number of connections. */
  readonly connections: number;
  /** Maximum number of pending requests of one connection. */
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

  // When a connection ends, Node emits `close` only on the current response, not on those queued behind it.
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

  /** In the order of arrival: the new connection itself, if all others are busy. */
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
