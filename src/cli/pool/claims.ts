/**
 * Room in the caps of a project for the jobs of a pool (`--uses`). A job has a connection to the supervisor of its own, and
 * keeps its room as long as that lasts: also when we are killed, it is given back.
 */
import { rootOf } from '../../config/root.ts';
import type { CapUse } from '../../core/pool/option-values.ts';
import { STATUS } from '../../core/process/exit.ts';
import { complain } from '../client/answers.ts';
import { clientOf, findSupervisor } from '../client/find-supervisor.ts';
import { ownInfo } from '../client/own-info.ts';
import type { Io } from '../io.ts';
import { locate } from '../locate.ts';
import type { Claim } from './gate.ts';

/** Or, where no supervisor can be asked, our exit status after having told why. */
export async function openClaims(uses: readonly CapUse[], io: Io): Promise<Claim | number> {
  const place = await locate({}, io);
  const root = rootOf(place, io.cwd);
  const found = await findSupervisor(root, io);
  const failed = (message: string, remedy?: string): number => {
    complain(io, message, remedy);
    return STATUS.supervisor;
  };
  if ('unsafe' in found) return failed(found.unsafe);
  if ('unreachable' in found) return failed(found.unreachable);
  if ('none' in found)
    return failed(
      `cannot use caps: no supervisor is running for ${root}`,
      "start one with 'procsup start -d', or omit '--uses'",
    );
  const client = clientOf(found.owner, io.env, ownInfo('pool'), {});
  const wanted = {
    name: `procsup pool (pid ${String(process.pid)})`,
    uses: Object.fromEntries(uses.map(({ cap, amount }) => [cap, amount])),
  };
  let isTold = false;
  const lost = (): void => {
    if (!isTold) io.stderr('procsup: the supervisor has ended: running jobs go on without room in caps\n');
    isTold = true;
  };
  return (signal) =>
    new Promise((resolve, reject) => {
      let state: 'waiting' | 'held' | 'given back' = 'waiting';
      const stream = client.stream('POST', '/v1/claim', wanted, {
        line() {
          state = 'held';
          resolve(() => {
            state = 'given back';
            stream.close();
          });
        },
        ended(error) {
          if (state === 'held') lost();
          reject(new Error(`cannot use caps: ${error?.message ?? 'the supervisor has ended'}`));
        },
      });
      signal.addEventListener('abort', () => stream.close(), { once: true });
    });
}
