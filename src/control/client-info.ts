/**
 * What a client says about itself: `X-Procsup-Client: command=procsup%20stop%20web&pid=4711&user=jo`. It is shown in
 * terminals and logs, so it is cut short and made harmless here. It is optional, nothing depends on it, and what is
 * invalid in it is ignored.
 */
import type { ClientInfo } from '../core/events.ts';

export const CLIENT_HEADER = 'x-procsup-client';

const MOST_COMMAND = 200;
const MOST_USER = 64;
/** More than the longest that is valid; the rest is ignored. */
const MOST_HEADER = 4096;
const LARGEST_PID = 2 ** 31 - 1;

export function clientHeader({ command, pid, user }: ClientInfo): string {
  const words = new URLSearchParams();
  if (command !== undefined) words.set('command', shown(command, MOST_COMMAND));
  if (pid !== undefined) words.set('pid', String(pid));
  if (user !== undefined) words.set('user', shown(user, MOST_USER));
  return words.toString();
}

/** Undefined where it says nothing that could be used. */
export function readClientHeader(header: string | readonly string[] | undefined): ClientInfo | undefined {
  if (typeof header !== 'string') return undefined;
  const words = new URLSearchParams(header.slice(0, MOST_HEADER));
  const command = shown(words.get('command') ?? '', MOST_COMMAND);
  const user = shown(words.get('user') ?? '', MOST_USER);
  const pid = pidIn(words.get('pid') ?? '');
  if (command === '' && user === '' && pid === undefined) return undefined;
  return {
    ...(command !== '' && { command }),
    ...(pid !== undefined && { pid }),
    ...(user !== '' && { user }),
  };
}

function pidIn(word: string): number | undefined {
  const pid = /^[1-9]\d{0,9}$/.test(word) ? Number(word) : undefined;
  return pid === undefined || pid > LARGEST_PID ? undefined : pid;
}

/** Control, format (bidirectional too), surrogate and private characters, line ends; our words quote it by backquotes. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}`]+/gu;

function shown(text: string, most: number): string {
  const characters = Array.from(text.replace(UNSAFE, ' ').trim());
  return characters.length <= most ? characters.join('') : `${characters.slice(0, most - 1).join('')}…`;
}
