/** What a supervisor holds for its processes: what they exchange, and shared memory. */
import type { HeldMemory, HeldThing } from '../core/exchange/held.ts';
import type { LazyExchange } from './lazy/exchange.ts';
import type { LazySharedMemory } from './lazy/shared-memory.ts';

export async function heldBy(
  lazy: LazyExchange,
  sharedMemory: Pick<LazySharedMemory, 'list'>,
): Promise<{ readonly held: readonly HeldThing[]; readonly remarks: readonly string[] }> {
  const memory = sharedMemory.list().map(memoryOf);
  try {
    const exchange = await lazy.ifUsed();
    if (exchange === undefined) return { held: memory, remarks: [] };
    return { held: [...(await exchange.held()), ...memory], remarks: exchange.remarks() };
  } catch (error) {
    return { held: memory, remarks: [`cannot open the queues: ${(error as Error).message}`] };
  }
}

export const memoryOf = ({ name, bytes, path, since }: Omit<HeldMemory, 'kind'>): HeldMemory => ({
  ...({ kind: 'memory', name } as const),
  ...{ bytes, path, since },
});
