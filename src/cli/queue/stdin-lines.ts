/** The lines of stdin as messages. */
import type { SentMessage } from '../../control/session/message.ts';

/** The whole lines of each block that is read, without their newlines; the last one need not have one. */
export async function* linesOf(input: AsyncIterable<Buffer>): AsyncGenerator<readonly Buffer[]> {
  let held: Buffer[] = [];
  for await (const block of input) {
    const lines: Buffer[] = [];
    let from = 0;
    for (let end = block.indexOf(10); end !== -1; end = block.indexOf(10, from)) {
      lines.push(Buffer.concat([...held, block.subarray(from, end)]));
      held = [];
      from = end + 1;
    }
    if (from < block.length) held.push(block.subarray(from));
    if (lines.length > 0) yield lines;
  }
  if (held.length > 0) yield [Buffer.concat(held)];
}

export function messageIn(line: Buffer): SentMessage {
  const text = line.toString();
  return Buffer.from(text).equals(line) ? text : { base64: line.toString('base64') };
}
