import { userInfo } from 'node:os';
import type { ClientInfo } from '../../core/events.ts';

/** What we tell a supervisor about ourselves; `command` is `stop web`. */
export function ownInfo(command: string): ClientInfo {
  const user = ownUser();
  return { command: `procsup ${command}`, pid: process.pid, ...(user !== undefined && { user }) };
}

/** In a container the user may have no name. */
function ownUser(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
