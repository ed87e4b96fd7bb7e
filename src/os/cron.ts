/**
 * Cron expressions of five fields, or of six with seconds. Where clocks change, as in Vixie cron: an expression without `*`
 * and steps in its seconds, minutes and hours names times of day. One that does not exist is the first moment after the gap,
 * one that comes twice counts once. All others are intervals, and run through both.
 */
import { Cron } from 'croner';
import type { CronTimes } from '../ports/cron.ts';

/** What is wrong with an expression, as the rest of a sentence. Undefined: nothing. */
export function cronProblem(text: string, timeZone?: string): string | undefined {
  const fields = text.trim().split(/\s+/);
  // The package also knows dates, nicknames and a seventh field for years.
  if (!text.trim().startsWith('@') && (fields.length < 5 || fields.length > 6))
    return `expected 5 or 6 fields, got ${text.trim() === '' ? '0' : String(fields.length)}`;
  try {
    if (cronOf(text, timeZone).nextRun() === null) return 'it never comes due';
    return undefined;
  } catch (error) {
    return wordsOf(error);
  }
}

export const cronTimes: CronTimes = ({ cron, timeZone }) => {
  if (cronProblem(cron, timeZone) !== undefined) return () => null;
  const times = cronOf(cron, timeZone);
  return (afterMs) => times.nextRun(new Date(afterMs))?.getTime() ?? null;
};

const cronOf = (text: string, timeZone: string | undefined): Cron =>
  new Cron(text.trim(), {
    paused: true,
    // The default takes lists of hours and minutes for intervals: `30 2,14 * * *` would run twice in the repeated hour.
    fixedTimeRule: 'no-wildcard',
    ...(timeZone !== undefined && { timezone: timeZone }),
  });

/** Without the names of its own parts. */
function wordsOf(error: unknown): string {
  const { message } = error as Error;
  if (message.includes('timezone')) return 'unknown time zone';
  const words = message.replace(/^Cron\w*: /, '').replace(/\.$/, '');
  return words.charAt(0).toLowerCase() + words.slice(1);
}
