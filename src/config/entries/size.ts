import { parseSize } from '../../text/size.ts';
import type { EntryReader } from './entry.ts';

/** In bytes, which a plain number means as well. At least 1. */
export function readSize(reader: EntryReader, key: string): number | undefined {
  const value = reader.map[key];
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const bytes = parseSize(String(value));
  if (bytes !== undefined && bytes > 0) return bytes;
  const path = [...reader.path, key];
  reader.wrong(path, `invalid size '${String(value)}' for '${key}'`, 'use for example 300MiB or 1GB');
  return undefined;
}
