/** Writes and reads at once, with the engine of `pipe()`: none of the three ever waits for another. */
import { readInto } from '../../os/pipes/reader.ts';
import type { Clock } from '../../ports/clock.ts';
import { feedInput } from '../pipe/feed-input.ts';
import { createCollector } from '../pipe/output-place.ts';
import { readOutput } from '../pipe/read-output.ts';

const READ_BYTES = 128 * 1024;

export interface Exchange {
  /** Our ends of its pipes, which are closed here. */
  readonly stdin: number;
  readonly stdout: number;
  readonly stderr: number;
  readonly input: string | Uint8Array;
  readonly exited: Promise<unknown>;
  /** Of each of the two. */
  readonly maxBufferBytes: number;
  readonly onTooMuch: () => void;
  readonly clock: Clock;
}

export async function exchange(
  given: Exchange,
): Promise<{ readonly stdout: Buffer; readonly stderr: Buffer }> {
  const { clock, maxBufferBytes, onTooMuch } = given;
  const endInput = feedInput(given.stdin, given.input, { clock, onFailed: () => undefined });
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const openReader = readInto(buffer);
  const outputs = [given.stdout, given.stderr].map((fd) => {
    const place = createCollector(maxBufferBytes, onTooMuch);
    return { place, reading: readOutput({ fd, place, openReader, buffer, clock }) };
  });
  await given.exited;
  endInput();
  await Promise.all(outputs.map(({ reading }) => reading.finish()));
  const [stdout = Buffer.alloc(0), stderr = Buffer.alloc(0)] = outputs.map(({ place }) => place.bytes());
  return { stdout, stderr };
}
