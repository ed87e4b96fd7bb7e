import type { InstanceSnapshot } from '../core/snapshot.ts';
import type { Api } from './api.ts';

/** Adds the ports on which the instances really listen. */
export async function withListening<One extends InstanceSnapshot>(
  api: Pick<Api, 'listening'>,
  processes: readonly One[],
): Promise<readonly One[]> {
  const ports = await api.listening(processes.map(({ name }) => name));
  return processes.map((one) => ({ ...one, listening: ports.get(one.name) ?? null }));
}
