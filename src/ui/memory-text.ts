/** Amounts of memory, with a mark where what processes share is counted for each of them. */
import type { InstanceSnapshot } from '../core/snapshot.ts';
import { bytesText } from '../text/bytes-text.ts';
import { orNothing } from '../text/table.ts';

export type MeasuredMemory = Pick<InstanceSnapshot, 'memory' | 'memoryKind'>;

export const MEMORY_NOTE = '* resident memory (RSS): shared memory is counted for each process';

/** A supervisor of an older version knows resident memory only, and does not say so. */
export const isResident = ({ memory, memoryKind }: MeasuredMemory): boolean =>
  memory !== null && memoryKind !== 'pss';

/** `61.2M`, or `361M*` for resident memory. */
export const memoryText = (measured: MeasuredMemory): string =>
  orNothing(measured.memory, bytesText) + (isResident(measured) ? '*' : '');

/** For a column that is aligned on the right: the units stand below each other, marked or not. */
export function memoryTexts(all: readonly MeasuredMemory[]): readonly string[] {
  const room = all.some(isResident) ? ' ' : '';
  return all.map((one) => memoryText(one) + (isResident(one) ? '' : room));
}

/** Marked if part of it is resident memory. */
export const totalMemory = (all: readonly MeasuredMemory[]): MeasuredMemory => ({
  memory: all.reduce((sum, { memory }) => sum + (memory ?? 0), 0),
  memoryKind: all.some(isResident) ? 'rss' : 'pss',
});
