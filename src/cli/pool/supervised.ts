/** `procsup pool run NAME`: the workers are those of the running supervisor, which is sent each value and answers it. */
import { rootOf } from '../../config/root.ts';
import { STATUS } from '../../core/process/exit.ts';
import type { PoolSnapshot } from '../../control/pool-api.ts';
import type { WorkerParts } from '../../host/pool-ports.ts';
import type { JobShells } from '../../ports/pool.ts';
import { bodyOf, complain, NotDone } from '../client/answers.ts';
import { clientOf, findSupervisor } from '../client/find-supervisor.ts';
import { ownInfo } from '../client/own-info.ts';
import type { Io } from '../io.ts';
import { locate } from '../locate.ts';
import { openTaskStream } from './task-stream.ts';
import { createTaskShells } from './task-shells.ts';

export interface SupervisedWorkers {
  /** How many values keep its workers busy. */
  readonly slots: number;
  readonly make: (parts: WorkerParts) => JobShells;
}

/** Or our exit status, after having told why nothing can be run. */
export async function findWorkers(
  name: string,
  root: string | undefined,
  io: Io,
): Promise<SupervisedWorkers | number> {
  const place = await locate({ root }, io);
  const project = rootOf(place, io.cwd);
  const found = await findSupervisor(project, io);
  const failed = (message: string, remedy?: string, status: number = STATUS.supervisor): number => {
    complain(io, message, remedy);
    return status;
  };
  if ('unsafe' in found) return failed(found.unsafe);
  if ('unreachable' in found) return failed(found.unreachable);
  if ('none' in found)
    return failed(
      `cannot use pool '${name}': no supervisor is running for ${project}`,
      "start one with 'procsup start -d'",
    );
  const { owner } = found;
  let pools: readonly PoolSnapshot[];
  try {
    const answer = await clientOf(owner, io.env, ownInfo('pool'), {}).get('/v1/pools');
    pools = bodyOf<{ readonly pools: readonly PoolSnapshot[] }>(answer).pools;
  } catch (error) {
    if (error instanceof NotDone) return failed(error.message, error.remedy, error.status);
    return failed(`cannot use pool '${name}': ${(error as Error).message}`);
  }
  const pool = pools.find((one) => one.name === name);
  if (pool === undefined)
    return failed(
      `unknown pool '${name}'`,
      pools.length === 0
        ? "add one below 'pools' in procsup.yaml"
        : `known pools: ${pools.map((one) => one.name).join(', ')}`,
      STATUS.usage,
    );
  // While one is answered the next one waits at the worker's door.
  const slots = 2 * Math.max(1, pool.size);
  return { slots, make: ({ area }) => createTaskShells(area, openTaskStream(owner.socket, name)) };
}
