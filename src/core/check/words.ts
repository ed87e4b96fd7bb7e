/** Checks in words, for lines and errors. */
import { formatDuration } from '../../text/duration.ts';
import type { Check } from './check.ts';

/** What is missing while a check has not been answered yet. */
export function missingWords(check: Check): string {
  switch (check.kind) {
    case 'listening':
      return check.port === undefined ? 'not listening' : `not listening on ${String(check.port)}`;
    case 'tcp':
      return `tcp ${tcpTarget(check)}: no connection`;
    case 'http':
      return `http ${check.target}: no answer`;
    case 'log':
      return `no line of its output matches /${check.pattern}/`;
    case 'exec':
      return `\`${check.command}\` has not ended`;
    case 'notify':
      return 'no READY=1 at its NOTIFY_SOCKET';
    case 'fd':
      return `no newline at its descriptor ${String(check.fd)}`;
    case 'delay':
      return `has not lived for ${formatDuration(check.ms)}`;
  }
}

export function tcpTarget({ host, port }: { readonly host?: string; readonly port: number }): string {
  return host === undefined ? String(port) : `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

const LONG_ENOUGH_MS = 1000;

/** `http /health: 404 for 20s` */
export function lastingWords(words: string, sinceMs: number, nowMs: number): string {
  const ms = nowMs - sinceMs;
  return ms < LONG_ENOUGH_MS ? words : `${words} for ${formatDuration(Math.round(ms / 1000) * 1000)}`;
}
