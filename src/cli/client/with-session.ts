/** A session with the supervisor, for one command. */
import { connectSession, VerbError, type SessionClient } from '../../control/session/client.ts';
import { NotDone } from './answers.ts';
import type { CommandContext } from './control-command.ts';
import { ownInfo } from './own-info.ts';

/** `command`: what we are, as it is shown to others that wait. */
export async function withSession<T>(
  { client, owner }: CommandContext,
  command: string,
  use: (session: SessionClient) => Promise<T>,
): Promise<T> {
  // It waits for a supervisor that is starting, and looks whether its socket is private.
  await client.get('/v1/supervisor');
  const session = await connectSession(owner.socket, ownInfo(command));
  try {
    return await use(session);
  } catch (error) {
    if (!(error instanceof VerbError)) throw error;
    const { message, remedy } = error;
    // We have not ended it.
    const code = error.code === 'session-ended' ? 'unreachable' : error.code;
    throw new NotDone({ code, message, ...(remedy !== undefined && { remedy }) });
  } finally {
    session.close();
  }
}
