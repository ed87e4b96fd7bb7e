/**
 * Who is connected, and what each asks for at the moment. A new connection is never turned away for old ones that ask
 * for nothing: it is they who have to go.
 */
import type { ServerResponse } from 'node:http';

/** What we need of a socket. */
export interface Connection {
  once(event: 'close', listener: () => void): unknown;
  destroy(): unknown;
}

export interface Connections {
  /** May end another one, or this one itself. */
  add(connection: Connection): void;
  /**
   * Aborted when the response is over or its reader has gone. Undefined if this is more than one connection may ask for
   * at the same time: then it is ended.
   */
  begin(response: ServerResponse, connection: Connection): AbortSignal | undefined;
  /** Is a response under way or waited for? */
  isBusy(connection: Connection): boolean;
  endAll(): void;
}

export interface ConnectionLimits {
  /** Connections in all. */
  readonly connections: number;
  /** Requests of one connection that have no whole response yet. */
  readonly pipelined: number;
}

export function createConnections({ connections: most, pipelined }: ConnectionLimits): Connections {
  const all = new Map<Connection, Set<AbortController>>();

  // Node tells only the response that is being written of the end of a connection, and not those that wait behind it.
  const forget = (connection: Connection): void => {
    const asked = all.get(connection);
    all.delete(connection);
    for (const one of asked ?? []) one.abort();
  };

  const end = (connection: Connection): void => {
    forget(connection);
    connection.destroy();
  };

  /** In the order of arrival, so that it is the newcomer itself when all others are busy. */
  const oldestIdle = (): Connection | undefined => {
    for (const [connection, asked] of all) if (asked.size === 0) return connection;
    return undefined;
  };

  return {
    add(connection) {
      all.set(connection, new Set());
      connection.once('close', () => forget(connection));
      const idle = all.size > most ? oldestIdle() : undefined;
      if (idle !== undefined) end(idle);
    },
    begin(response, connection) {
      const asked = all.get(connection);
      if (asked === undefined || asked.size >= pipelined) {
        end(connection);
        return undefined;
      }
      const gone = new AbortController();
      asked.add(gone);
      response.once('close', () => {
        asked.delete(gone);
        gone.abort();
      });
      return gone.signal;
    },
    isBusy: (connection) => (all.get(connection)?.size ?? 0) > 0,
    endAll() {
      for (const connection of [...all.keys()]) end(connection);
    },
  };
}
