/** `procsup start` if a supervisor is already running: asks it to start the named processes; without names, an error. */
import { STATUS } from '../core/process/exit.ts';
import type { LockOwner } from '../os/files/lock.ts';
import { bodyOf, complain, NotDone } from './client/answers.ts';
import { askOwner } from './client/ask-owner.ts';
import type { CommandContext } from './client/control-command.ts';
import type { StartIo } from './io.ts';
import type { StartSettings } from './settings.ts';
import { change } from './client/change.ts';

export async function startElsewhere(
  owner: LockOwner,
  { names, exclude, detach, noWait, json }: StartSettings,
  startIo: StartIo,
): Promise<number> {
  const io = { ...startIo, paint: await startIo.theme('stderr') };
  if (names.length === 0 || detach) {
    const message = `a supervisor is already running for ${owner.root} (pid ${String(owner.identity.pid)})`;
    complain(io, message, "list its processes with 'procsup ps', stop it with 'procsup down'");
    return STATUS.supervisor;
  }
  const words = ['start', ...names].join(' ');
  return askOwner(owner, io, words, async (context) => {
    const left = exclude.length === 0 ? names : await without(context, names, exclude);
    return change(context, 'start', { names: left, wait: !noWait, json });
  });
}

/** The supervisor knows which instances names and patterns mean. */
async function without(
  context: CommandContext,
  names: readonly string[],
  exclude: readonly string[],
): Promise<readonly string[]> {
  const [all, excluded] = [await instancesOf(context, names), await instancesOf(context, exclude)];
  const left = all.filter((name) => !excluded.includes(name));
  if (left.length > 0) return left;
  throw new NotDone({ code: 'nothing-left', message: 'nothing to start: -x leaves out every named process' });
}

async function instancesOf({ client }: CommandContext, names: readonly string[]): Promise<readonly string[]> {
  const { processes } = bodyOf<{ readonly processes: readonly { readonly name: string }[] }>(
    await client.get('/v1/processes', { names }),
  );
  return processes.map(({ name }) => name);
}
