/**
 * The read end of a child's pipe in the event loop, without an allocation for each read: libuv reads straight into
 * the one buffer that all readers share, and the callback is made before another reader can read.
 *
 * As long as reads fill the buffer, libuv reads 32 times from one pipe before it serves others: with four of them, a
 * request on the control socket waited for 10 ms. So after READS_IN_A_TURN a pipe waits for the next turn. To stop and
 * resume costs several system calls, so the buffer ought to be larger than a pipe: after a read that leaves room in it
 * libuv goes on by itself.
 */
import { closeSync, readSync } from 'node:fs';
import { isatty, ReadStream } from 'node:tty';
import { Socket, type ConnectOpts, type SocketConstructorOpts } from 'node:net';
import type { ReadInto } from '../../ports/output.ts';

const READS_IN_A_TURN = 2;

/** Gives the `OpenReader` whose pipes are all read to the start of `buffer`. */
export const readInto: ReadInto = (buffer) => (fd, events) => {
  let isOver = false;
  let isPaused = false;
  let readsInTurn = 0;
  let nextTurn: NodeJS.Immediate | undefined;

  const takeTurn = (): void => {
    nextTurn = undefined;
    const waited = readsInTurn >= READS_IN_A_TURN;
    readsInTurn = 0;
    if (waited && !isPaused && !isOver) socket?.resume();
  };
  const countRead = (): void => {
    readsInTurn += 1;
    nextTurn ??= setImmediate(takeTurn);
    if (readsInTurn === READS_IN_A_TURN) socket?.pause();
  };

  const end = (): void => {
    if (isOver) return;
    isOver = true;
    events.end();
  };

  const options: SocketConstructorOpts & ConnectOpts = {
    fd,
    readable: true,
    writable: false,
    onread: {
      buffer,
      callback(byteCount) {
        if (isOver) return true;
        if (byteCount === buffer.length) countRead();
        events.data(byteCount);
        return true;
      },
    },
  };
  const socket = openSocket(options);
  // Nobody else closes it.
  let isOurs = socket === undefined;
  if (socket === undefined) setImmediate(end);
  socket?.on('end', end);
  // EIO from a terminal whose other side is gone, or whatever else: nothing more can be read, which is an end.
  socket?.on('error', end);

  return {
    pause() {
      isPaused = true;
      socket?.pause();
    },
    resume() {
      isPaused = false;
      if (readsInTurn < READS_IN_A_TURN) socket?.resume();
    },

    readNow() {
      if (isOver) return 'end';
      try {
        return readSync(fd, buffer) || 'end';
      } catch (error) {
        return isTryAgain(error) ? 'empty' : 'end';
      }
    },

    close() {
      isOver = true;
      clearImmediate(nextTurn);
      socket?.destroy();
      if (isOurs) closeSync(fd);
      isOurs = false;
    },
  };
};

/** Undefined where libuv does not take the descriptor: it is no pipe, or it is in use already. */
function openSocket(options: SocketConstructorOpts): Socket | undefined {
  try {
    const { fd = -1 } = options;
    // A terminal is taken by its own kind of stream only, which waits to be told.
    return isatty(fd) ? new ReadStream(fd, options).resume() : new Socket(options);
  } catch {
    return undefined;
  }
}

function isTryAgain(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EINTR');
}
