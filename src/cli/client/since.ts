import { parseDuration } from '../../text/duration.ts';
import type { SettingsReader } from '../read-settings.ts';

/** `--since` as a Unix time in milliseconds: a duration ago (`10m`), or a local time (`2026-01-31T12:00`). */
export function sinceOf(read: SettingsReader): number | undefined {
  return read.text<number>('since', (text) => {
    const ago = parseDuration(text);
    if (ago !== undefined) return { value: Math.max(0, Date.now() - ago) };
    const moment = momentOf(text);
    return Number.isNaN(moment)
      ? {
          message: `invalid duration or time '${text}'`,
          remedy: 'use for example 10m, 1h30m or 2026-01-31T12:00',
        }
      : { value: Math.max(0, moment) };
  });
}

/** JavaScript reads a date alone as UTC, a date with a time as local. */
function momentOf(text: string): number {
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return NaN;
  return Date.parse(text.length === '2026-01-31'.length ? `${text}T00:00` : text);
}
