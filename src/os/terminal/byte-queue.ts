/** Bytes that wait for room: written and taken without an allocation for each piece. */

export interface ByteQueue {
  readonly length: number;
  addText(text: string): void;
  /** Where so many bytes may be written next; `wrote` tells how many were. */
  room(byteCount: number): { readonly target: Uint8Array; readonly at: number };
  wrote(byteCount: number): void;
  /** As many of the first ones as fit into `place`; returns how many. */
  give(place: Uint8Array): number;
}

const FIRST_ROOM = 32 * 1024;
/** Of UTF-8, for a UTF-16 unit. */
const MOST_BYTES = 3;

export function createByteQueue(): ByteQueue {
  let store = Buffer.alloc(0);
  let [from, to] = [0, 0];

  const makeRoom = (room: number): void => {
    if (from === to) from = to = 0;
    if (to + room <= store.length) return;
    const waiting = store.subarray(from, to);
    if (waiting.length + room > store.length)
      store = Buffer.alloc(Math.max(FIRST_ROOM, 2 * (waiting.length + room)));
    store.set(waiting);
    [from, to] = [0, waiting.length];
  };

  return {
    get length() {
      return to - from;
    },
    addText(text) {
      if (text === '') return;
      makeRoom(MOST_BYTES * text.length);
      to += store.write(text, to);
    },
    room(byteCount) {
      makeRoom(byteCount);
      return { target: store, at: to };
    },
    wrote: (byteCount) => void (to += byteCount),
    give(place) {
      const count = Math.min(place.length, to - from);
      place.set(store.subarray(from, from + count));
      from += count;
      return count;
    },
  };
}
