import type { RunLimit } from '../../core/run-limit.ts';
import type { Carrier, Carriers } from '../../ports/processes.ts';
import { textOrNothing } from './proc-file.ts';
import { searchMarked, type Unseen } from './search.ts';
import { emptyStat } from './stat.ts';
import { readLiving } from './threads.ts';

/** All processes of a supervisor, with what they are of. `instanceOf`: the instance that a limit of it is of. */
export function searchCarriers(
  runTag: string,
  limit: RunLimit | undefined,
  instanceOf: (limit: string) => string | undefined,
  unseen?: Unseen,
): Carriers {
  const { processes, missed } = searchMarked(runTag, limit, unseen);
  const stat = emptyStat();
  const carriers = processes.flatMap((found): readonly Carrier[] => {
    const { pid, runId } = found;
    if (readLiving(pid, stat).is === 'gone') return [];
    const instance =
      runId === null ? instanceOf(found.limit ?? '') : runId.slice(runTag.length).split(':', 1)[0];
    const program = textOrNothing(`/proc/${pid}/comm`).trimEnd();
    return [{ pid, instance: instance ?? '', session: stat.session, program }];
  });
  return { carriers, missed };
}
