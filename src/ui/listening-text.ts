import type { InstanceSnapshot } from '../core/snapshot.ts';

const MOST = 3;

/** The ports on which it listens, for a cell of a table: `5173`, `3000,9229`, `1,2,3+4` for seven of them, `-` for none. */
export function listeningText({ listening }: Pick<InstanceSnapshot, 'listening'>): string {
  const ports = listening ?? [];
  if (ports.length === 0) return '-';
  const more = ports.length - MOST;
  return `${ports.slice(0, MOST).join(',')}${more > 0 ? `+${String(more)}` : ''}`;
}
