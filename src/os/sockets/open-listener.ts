/** Opens a socket for programs, and says in words why that is not possible, and who has the address. */
import { connect } from 'node:net';
import { lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SocketPlan } from '../../core/sockets/socket-plan.ts';
import { refusalWords } from '../../core/sockets/refusal.ts';
import type { Refusal } from '../../core/process/exit.ts';
import type { Listener, ListenerSystem } from '../../ports/listeners.ts';
import { ownerOf, unprivilegedFrom } from './owner.ts';

/** `absolute`: with the path as it is bound. */
export async function openListener(
  system: ListenerSystem,
  absolute: SocketPlan,
  plan: SocketPlan,
): Promise<Listener | Refusal> {
  const { address } = absolute;
  try {
    if (address.kind === 'unix') {
      mkdirSync(dirname(address.path), { recursive: true });
      await removeStale(address.path);
    }
    return system.open(address, absolute);
  } catch (thrown) {
    const { code = 'UNKNOWN', message } = thrown as NodeJS.ErrnoException;
    const owner = code === 'EADDRINUSE' ? ownerOf(address) : undefined;
    const facts = { code, message, address: plan.address, owner, unprivilegedFrom: unprivilegedFrom() };
    return { by: 'refusal', error: code, message: refusalWords(facts) };
  }
}

/** What a supervisor that was killed has left: a path on which nobody listens any more. Anything else stays. */
async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw Object.assign(new Error('no socket'), { code: 'ENOTSOCK' });
  if (await isRefused(path)) unlinkSync(path);
}

const isRefused = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const client = connect(path);
    client.on('connect', () => {
      client.destroy();
      resolve(false);
    });
    client.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'));
  });
