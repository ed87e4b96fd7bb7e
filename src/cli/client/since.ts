import { parseDuration } from '../../text/duration.ts';
import type { SettingsReader } from '../read-settings.ts';

/** `--since` as a Unix time in milliseconds: so long ago (`10m`), or a moment (`2026-01-31T12:00`, local time). */
export function sinceOf(read: SettingsReader): number | undefined {
  return read.text<number>('since', (text) => {
    const ago = parseDuration(text);
    if (ago !== undefined) return { value: Math.max(0, Date.now() - ago) };
    const moment = momentOf(text);
    return Number.isNaN(moment)
      ? {
          message: `'${text}' is neither a duration nor a time`,
          remedy: 'write it as 10m, 1h30m or 2026-01-31T12:00',
        }
      : { value: Math.max(0, moment) };
  });
}

/** To JavaScript a day alone is in UTC, with a time it is local. */
function momentOf(text: string): number {
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return NaN;
  return Date.parse(text.length === '2026-01-31'.length ? `${text}T00:00` : text);
}
