/** An event as a line: local time, then what has happened. */
import type { Theme } from './paint.ts';

export function eventLine(event: { readonly time: string; readonly text: string }, theme: Theme): string {
  return `${theme.dim(localTime(event.time))} ${event.text}`;
}

/** Events that were not kept until this reader took them. */
export function missedEventsLine(missed: number, theme: Theme): string {
  const events = missed === 1 ? 'event' : 'events';
  return theme.dim(`dropped ${String(missed)} ${events} (reader too slow)`);
}

/** `2026-01-31 12:00:00` in local time, from an ISO time. */
export function localTime(iso: string): string {
  const date = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

const DAY_MS = 86_400_000;

/** When something is due: `12:00:00`, with its date if that is a day away or more. */
export function nextText(iso: string, nowMs: number): string {
  const text = localTime(iso);
  return Date.parse(iso) - nowMs < DAY_MS ? text.slice(text.indexOf(' ') + 1) : text;
}
