/** Messages on a byte stream: four bytes of length (little endian, of the payload), one of kind, then the payload. */

export const HEADER_BYTES = 5;
/** What v8 can serialize at most, with room to spare. More is a stream that is not ours. */
const LARGEST_PAYLOAD_BYTES = 0x7fff_ffff;

export function frameOf(kind: number, payload: Uint8Array): Buffer {
  const frame = frameFor(kind, payload.length);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/** With the header alone: the payload is still to be written. */
export function frameFor(kind: number, payloadBytes: number): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payloadBytes);
  frame.writeUInt32LE(payloadBytes, 0);
  frame[4] = kind;
  return frame;
}

export type OnFrame = (kind: number, payload: Buffer) => void;

/**
 * Takes chunks of any size, and calls back for each whole frame; the payload is valid during the call only. A chunk is not
 * kept, except for the part of a frame at its end. Throws a RangeError for what cannot be a frame.
 */
export function createFrameReader(onFrame: OnFrame): (chunk: Buffer) => void {
  const header = Buffer.alloc(HEADER_BYTES);
  let headerBytes = 0;
  /** Of a frame that spans chunks. */
  let payload: Buffer | undefined;
  let payloadBytes = 0;

  const sizeIn = (bytes: Buffer, at: number): number => {
    const size = bytes.readUInt32LE(at);
    if (size > LARGEST_PAYLOAD_BYTES) throw new RangeError(`invalid frame of ${size} bytes`);
    return size;
  };

  /** Continues what the last chunk has begun; returns where this one goes on. */
  const goOn = (chunk: Buffer): number => {
    let at = 0;
    if (payload === undefined) {
      at = Math.min(HEADER_BYTES - headerBytes, chunk.length);
      chunk.copy(header, headerBytes, 0, at);
      headerBytes += at;
      if (headerBytes < HEADER_BYTES) return at;
      payload = Buffer.allocUnsafeSlow(sizeIn(header, 0));
      payloadBytes = 0;
    }
    const taken = Math.min(payload.length - payloadBytes, chunk.length - at);
    chunk.copy(payload, payloadBytes, at, at + taken);
    payloadBytes += taken;
    if (payloadBytes < payload.length) return at + taken;
    const whole = payload;
    payload = undefined;
    headerBytes = 0;
    onFrame(header[4] ?? 0, whole);
    return at + taken;
  };

  return (chunk) => {
    let at = headerBytes > 0 ? goOn(chunk) : 0;
    while (chunk.length - at >= HEADER_BYTES) {
      const end = at + HEADER_BYTES + sizeIn(chunk, at);
      if (end > chunk.length) break;
      onFrame(chunk[at + 4] ?? 0, chunk.subarray(at + HEADER_BYTES, end));
      at = end;
    }
    if (at < chunk.length) goOn(chunk.subarray(at));
  };
}
