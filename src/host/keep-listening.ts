/**
 * Keeps a server's socket where it is: those who tidy up /tmp remove what has not changed for days, and then nobody
 * could ask a daemon that runs for weeks.
 */
import { existsSync } from 'node:fs';
import type { ControlServer } from '../control/server.ts';
import { systemClock } from '../os/clock.ts';

/** A client waits longer than this for a socket to appear. */
const LOOK_AFTER_MS = 2000;

export interface KeptListening {
  /** Ends the idle connections, at once. */
  endIdle(): void;
  /** Ends all connections, and listens no more. */
  close(): Promise<void>;
}

/** `listen` makes the socket; rejects with its error if that fails at first. */
export async function keepListening(
  socket: string,
  listen: () => Promise<ControlServer>,
): Promise<KeptListening> {
  /** The last one listens; the others serve who was connected before. */
  const servers = [await listen()];
  let isClosed = false;
  let stopLooking: () => void;

  const lookLater = (): void => {
    stopLooking = systemClock.after(LOOK_AFTER_MS, () => {
      if (existsSync(socket)) lookLater();
      else void listenAgain();
    });
  };

  const listenAgain = async (): Promise<void> => {
    // First, for it removes what it finds in its place.
    servers.at(-1)?.stopListening();
    try {
      servers.push(await listen());
    } catch {
      // The directory may come back.
    }
    if (isClosed) await closeAll();
    else lookLater();
  };

  const closeAll = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()));
  };

  lookLater();
  return {
    endIdle() {
      for (const server of servers) server.endIdle();
    },
    async close() {
      isClosed = true;
      stopLooking();
      await closeAll();
    },
  };
}
