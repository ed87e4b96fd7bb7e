/**
 * Writing to a socket that we share with others, who may rely on its being blocking: each write for itself does not wait
 * (MSG_DONTWAIT), and the flags of the socket stay as they are. Where send(2) cannot be called, libuv takes the socket,
 * and makes it non-blocking for everybody.
 */
import type { SendNow } from '../pipes/koffi.ts';
import { retryWith } from './retry-later.ts';
import { NOTHING_WRITTEN, type Later, type Written } from './sink.ts';
import { postThroughSocket } from './socket-later.ts';

/** A slow reader is asked often at first. */
const RETRY_MS = [1, 2, 4, 8, 16, 32];

export interface Sending {
  write(bytes: Uint8Array): Written;
  readonly later: Later;
}

/** Loaded once: what is said just before our end cannot wait for it. */
let known: SendNow | undefined;

/** `load`: undefined where send(2) cannot be called. */
export function sendWithoutWaiting(fd: number, load: () => Promise<SendNow | undefined>): Sending {
  let send = known;
  let isOver = false;
  let unwrittenBytes = 0;
  const write = (bytes: Uint8Array): Written =>
    send === undefined ? NOTHING_WRITTEN : sendAll(send, fd, bytes);
  const retrying = retryWith(write, RETRY_MS);
  let chosen: Later | undefined;
  const choose = async (): Promise<Later> => {
    send = known ??= await load().catch(() => undefined);
    return (chosen = send === undefined ? postThroughSocket(fd) : retrying);
  };

  return {
    write,
    later: {
      post(rest, settled) {
        if (chosen !== undefined) {
          chosen.post(rest, settled);
          return;
        }
        unwrittenBytes = rest.length;
        void choose().then((later) => {
          unwrittenBytes = 0;
          if (!isOver) later.post(rest, settled);
        });
      },
      close() {
        isOver = true;
        return chosen === undefined ? unwrittenBytes : chosen.close();
      },
    },
  };
}

function sendAll(send: SendNow, fd: number, bytes: Uint8Array): Written {
  let takenBytes = 0;
  while (takenBytes < bytes.length) {
    const sent = send(fd, takenBytes === 0 ? bytes : bytes.subarray(takenBytes));
    if (typeof sent === 'string') return { takenBytes, errno: sent };
    takenBytes += sent;
  }
  return { takenBytes };
}
