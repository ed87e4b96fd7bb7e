import type { Readable } from 'node:stream';
import { inTime } from './eventually.ts';

/** Resolves when a program that has just been launched has said this on its stderr. */
export const told = ({ stderr }: { readonly stderr: Readable }, text: string): Promise<void> =>
  inTime(
    new Promise((resolve) => {
      let seen = '';
      stderr.on('data', (bytes: Buffer) => {
        seen += bytes.toString();
        if (seen.includes(text)) resolve();
      });
    }),
    text,
  );
