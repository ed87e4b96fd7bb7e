import type { InstanceSnapshot } from '../../core/snapshot.ts';
import { bodyOf, NotDone } from './answers.ts';
import type { CommandContext } from './control-command.ts';

/** The single running instance named by `word`. Throws `NotDone` if there is none, or more than one. */
export async function oneRunning(
  { client }: Pick<CommandContext, 'client'>,
  word: string,
): Promise<InstanceSnapshot> {
  const { processes } = bodyOf<{ readonly processes: readonly InstanceSnapshot[] }>(
    await client.get('/v1/processes', { names: [word] }),
  );
  const running = processes.filter(({ state }) => state === 'running');
  const [one] = running;
  if (one === undefined)
    throw new NotDone({
      code: 'not-running',
      message: `${word} is not running`,
      remedy: `start it with 'procsup start ${word}'`,
    });
  if (running.length === 1) return one;
  const names = running.map(({ name }) => name).join(', ');
  throw new NotDone({
    code: 'ambiguous',
    message: `${word} has several instances`,
    remedy: `choose one of: ${names}`,
  });
}
