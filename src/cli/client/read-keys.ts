/** Reads typed text from our stdin, key by key on a terminal. The terminal is restored however procsup exits. */
import { StringDecoder } from 'node:string_decoder';

export interface KeyEvents {
  readonly typed: (text: string) => void;
  readonly ended: () => void;
}

/** The limit of one request. */
const MOST_CHARACTERS = 16 * 1024;

export function readKeys({ typed, ended }: KeyEvents): void {
  const decoder = new StringDecoder('utf8');
  const { stdin } = process;
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    process.on('exit', () => stdin.setRawMode(false));
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(0));
  }
  stdin.on('data', (bytes: Buffer) => {
    const text = decoder.write(bytes);
    for (let from = 0; from < text.length; from += MOST_CHARACTERS)
      typed(text.slice(from, from + MOST_CHARACTERS));
  });
  stdin.on('end', ended);
  stdin.on('error', ended);
}
