/** Cuts what a client sends into lines of UTF-8, in bounded memory. */

export interface LineReader {
  /** Returns the lines that are whole by now. Throws `BadLine` where one is too long or is not UTF-8. */
  take(bytes: Uint8Array): readonly string[];
  /** Bytes of the line that is not whole yet. */
  readonly heldBytes: number;
}

export class BadLine extends Error {}

const NEWLINE = 10;

export function createLineReader(mostBytes: number): LineReader {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let held: Uint8Array[] = [];
  let heldBytes = 0;

  const hold = (piece: Uint8Array): void => {
    heldBytes += piece.length;
    if (heldBytes > mostBytes)
      throw new BadLine(`request too long (the limit is ${String(mostBytes / 1024 / 1024)} MiB)`);
    // A copy (slice of a Buffer is none): a small piece would keep the whole block that was read.
    held.push(new Uint8Array(piece));
  };

  const text = (bytes: Uint8Array): string => {
    try {
      return decoder.decode(bytes);
    } catch {
      throw new BadLine('the request is not valid UTF-8');
    }
  };

  const whole = (last: Uint8Array): string => {
    if (held.length === 0) return text(last);
    hold(last);
    const bytes = new Uint8Array(heldBytes);
    let at = 0;
    for (const piece of held) {
      bytes.set(piece, at);
      at += piece.length;
    }
    held = [];
    heldBytes = 0;
    return text(bytes);
  };

  return {
    get heldBytes() {
      return heldBytes;
    },
    take(bytes) {
      const lines: string[] = [];
      let from = 0;
      for (;;) {
        const end = bytes.indexOf(NEWLINE, from);
        if (end === -1) break;
        const line = whole(bytes.subarray(from, end));
        // An empty one is no request; some clients send CR LF.
        if (line !== '' && line !== '\r') lines.push(line);
        from = end + 1;
      }
      if (from < bytes.length) hold(bytes.subarray(from));
      return lines;
    },
  };
}
