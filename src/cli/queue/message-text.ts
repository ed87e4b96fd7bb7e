import type { SentMessage } from '../../control/session/message.ts';
import { visibleText } from '../../text/terminal-safe.ts';

/** In a list: the beginning, in one line. */
const MOST_SHOWN = 200;

/** For a script: as it is; bytes that are not UTF-8 in base64. */
export const printed = (message: SentMessage): string =>
  typeof message === 'string' ? message : message.base64;

export function shownMessage(message: SentMessage): string {
  const text = typeof message === 'string' ? message : `base64:${message.base64}`;
  const cut = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  return visibleText(cut.replace(/\s+/g, ' '));
}
