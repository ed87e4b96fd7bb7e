import type { InstanceSnapshot } from '../core/snapshot.ts';

/** What an instance waits for, for a cell of a table: `db, cap io`; '' where nothing is awaited. */
export function awaitedNames({ waitsFor = [] }: Pick<InstanceSnapshot, 'waitsFor'>): string {
  return waitsFor.map((need) => ('process' in need ? need.process : `cap ${need.cap}`)).join(', ');
}
