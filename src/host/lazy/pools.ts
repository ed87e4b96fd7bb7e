/** Pools: their code is loaded with the first worker, or when somebody asks for them. */
import type { PoolApi } from '../../control/pool-api.ts';
import type { PoolWorkers } from '../../ports/pool-workers.ts';
import type { Pools, PoolsOptions } from '../pools/pools.ts';

export interface LazyPools extends PoolWorkers, PoolApi {
  changed(names: readonly string[]): void;
}

export function createLazyPools(options: () => Omit<PoolsOptions, 'makePipes'>): LazyPools {
  let known: Pools | undefined;
  let loading: Promise<Pools> | undefined;

  const load = async (): Promise<Pools> => {
    const [{ createPools }, { createBestPipes }] = await Promise.all([
      import('../pools/pools.ts'),
      import('../../os/pipes/best-pipes.ts'),
    ]);
    known = createPools({ ...options(), makePipes: createBestPipes() });
    return known;
  };
  const loaded = (): Promise<Pools> => (loading ??= load());

  return {
    open: (instance, root) =>
      loaded().then(
        (pools) => pools.open(instance, root),
        (error: unknown) => ({
          ...({ by: 'refusal', error: 'ENOTSUP' } as const),
          message: `cannot give it tasks: ${String(error)}`,
        }),
      ),
    began: (instance, pid) => known?.began(instance, pid),
    refused: (instance, exit) => known?.refused(instance, exit),
    finish: (name, ms, over) => known?.finish(name, ms, over),
    ended: (name, exit, wasStopped) => known?.ended(name, exit, wasStopped),
    changed: (names) => known?.changed(names),
    pools: async () => (await loaded()).pools(),
    openPool: async (name) => (await loaded()).openPool(name),
  };
}
