/** Opens files and stdin as streams of bytes, which are read as far as somebody asks for their values. */
import { createReadStream, statSync } from 'node:fs';

export const STDIN = '-';

/** Why a file cannot be read, as an error code of the system; undefined: it is there. */
export function whyUnreadable(path: string): string | undefined {
  if (path === STDIN) return undefined;
  try {
    return statSync(path).isDirectory() ? 'EISDIR' : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** Nothing is opened before the first value is asked for. */
export async function* readBytes(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const stream = path === STDIN ? process.stdin : createReadStream(path);
  for await (const chunk of stream) yield chunk as Uint8Array;
}
