/** Reads the body of a request, in bounded memory and time. */
import type { IncomingMessage } from 'node:http';
import { sizeText, TOO_MUCH_UNFINISHED, UNFINISHED } from './request-size.ts';
import { Refused } from './route.ts';

export interface BodyLimits {
  readonly bodyBytes: number;
  /** How long it may take to arrive. */
  readonly requestMs: number;
}

/** Rejects as soon as the body exceeds a limit; the rest is discarded. */
export function bodyOf(request: IncomingMessage, { bodyBytes, requestMs }: BodyLimits): Promise<string> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let byteCount = 0;
    let isRefused = false;
    const refuse = (status: number, code: string, why: string): void => {
      isRefused = true;
      chunks = [];
      UNFINISHED.holds(request, 0, () => undefined);
      reject(new Refused(status, code, why));
    };
    const tooLate = setTimeout(
      () => refuse(408, 'too-slow', `no whole request within ${String(requestMs / 1000)}s`),
      requestMs,
    );
    request.on('data', (chunk: Buffer) => {
      if (isRefused) return;
      byteCount += chunk.length;
      if (byteCount > bodyBytes)
        return refuse(413, 'too-large', `request too large (the limit is ${sizeText(bodyBytes)})`);
      chunks.push(chunk);
      UNFINISHED.holds(request, byteCount, () => refuse(503, 'busy', TOO_MUCH_UNFINISHED));
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString()));
    request.on('error', reject);
    for (const over of ['end', 'close'])
      request.on(over, () => {
        clearTimeout(tooLate);
        UNFINISHED.holds(request, 0, () => undefined);
      });
  });
}
