/** The pipe on which the shells of all slots tell how their jobs have ended: a line is written at once. */
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { readStatus } from '../../core/pool/job-script.ts';
import { readInto } from '../pipes/reader.ts';

export interface StatusPipe {
  /** For the shells. */
  readonly write: number;
  /** Tells at once what has been written so far. */
  readNow(): void;
  close(): void;
}

const BUFFER_BYTES = 4096;

/** Throws the system's error. */
export function openStatusPipe(path: string, tell: (shell: number, status: number) => void): StatusPipe {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const write = openSync(path, constants.O_WRONLY);
  unlinkSync(path);
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let rest = '';
  const take = (byteCount: number): void => {
    const lines = (rest + buffer.toString('latin1', 0, byteCount)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const told = readStatus(line);
      if (told !== undefined) tell(told.id, told.status);
    }
  };
  const reader = readInto(buffer)(fd, { data: take, end: () => undefined });
  return {
    write,
    readNow() {
      for (let got = reader.readNow(); typeof got === 'number'; got = reader.readNow()) take(got);
    },
    close() {
      reader.close();
      closeSync(write);
    },
  };
}
