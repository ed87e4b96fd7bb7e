/** Our ends of a child's pipes: as streams, made on first use, or as descriptors for the code that takes them over. */
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';

export interface OwnEnds {
  /** The same one each time; null where there is no pipe, or where it was taken. */
  stream(at: number): Socket | null;
  /** All of them, or none: null unless each one is a pipe that nobody has. Whoever takes them closes them. */
  take(all: readonly number[]): readonly number[] | null;
  close(): void;
}

/** `pipes` are descriptors by their numbers in the child; they are closed here. */
export function holdEnds(pipes: Map<number, number>): OwnEnds {
  const streams = new Map<number, Socket>();
  return {
    stream(at) {
      const known = streams.get(at);
      const fd = pipes.get(at);
      if (known !== undefined || fd === undefined) return known ?? null;
      pipes.delete(at);
      const socket = new Socket({ fd, readable: at !== 0, writable: at === 0 });
      streams.set(at, socket);
      return socket;
    },
    take(all) {
      const fds = all.map((at) => pipes.get(at)).filter((fd) => fd !== undefined);
      if (fds.length < all.length) return null;
      for (const at of all) pipes.delete(at);
      return fds;
    },
    close() {
      for (const fd of pipes.values()) closeSync(fd);
      pipes.clear();
      for (const socket of streams.values()) socket.destroy();
    },
  };
}
