/** Reads `timeout` of what ends by itself. */
import type { EntryReader } from './entry.ts';

/** In milliseconds. */
export function readTimeLimit(reader: EntryReader): number | undefined {
  const ms = reader.duration('timeout');
  if (ms !== 0) return ms;
  const remedy = 'use for example 30s, or remove the key for no limit';
  reader.wrong([...reader.path, 'timeout'], "invalid value 0 for 'timeout'", remedy);
  return undefined;
}
