/**
 * The open connections and their current requests. A new connection is never refused because of idle ones: the oldest
 * idle connection is closed instead.
 */
import type { ServerResponse } from 'node:http';

/** The part of a socket that is used here. */
export interface Connection {
  once(event: 'close', listener: () => void): unknown;
  destroy(): unknown;
}

export interface Connections {
  /** May close another connection, or the new one itself. */
  add(connection: Connection): void;
  /**
   * A signal that is aborted when the response has ended or its reader is gone. Undefined if the connection has too
   * many pending requests: then it is closed.
   */
  begin(response: ServerResponse, connection: Connection): AbortSignal | undefined;
  /** Whether a response is pending or being sent. */
  isBusy(connection: Connection): boolean;
  endAll(): void;
}

export interface ConnectionLimits {
  /** Maximum number of connections. */
  readonly connections: number;
  /** Maximum number of pending requests of one connection. */
  readonly pipelined: number;
}

export function createConnections({ connections: most, pipelined }: ConnectionLimits): Connections {
  const all = new Map<Connection, Set<AbortController>>();

  // When a connection ends, Node emits `close` only on the current response, not on those queued behind it.
  const forget = (connection: Connection): void => {
    const asked = all.get(connection);
    all.delete(connection);
    for (const one of asked ?? []) one.abort();
  };

  const end = (connection: Connection): void => {
    forget(connection);
    connection.destroy();
  };

  /** In the order of arrival: the new connection itself, if all others are busy. */
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
