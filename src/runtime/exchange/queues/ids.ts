/**
 * Names of messages and leases: `k3f9a2-17` is message 17 of an epoch, `k3f9a2-17.2` its second run. Each opening of the
 * store begins an epoch with a random name, so no id comes twice even where the store has lost its last messages.
 */
import type { LeaseId } from '../../../core/exchange/queue/events.ts';
import type { Epoch } from '../../../ports/message-store.ts';

export interface MessageIds {
  idOf(seq: number): string;
  leaseOf(lease: LeaseId): string;
  /** Undefined: no message has ever had this id. */
  seqIn(id: string): number | undefined;
  leaseIn(lease: string): LeaseId | undefined;
}

export function createMessageIds(epochs: readonly Epoch[]): MessageIds {
  const idOf = (seq: number): string => `${epochOf(epochs, seq)}-${String(seq)}`;
  const seqIn = (id: string): number | undefined => {
    const seq = Number(/^[a-z0-9]{1,16}-(\d{1,15})$/.exec(id)?.[1]);
    return idOf(seq) === id ? seq : undefined;
  };
  return {
    idOf,
    leaseOf: ({ seq, attempt }) => `${idOf(seq)}.${String(attempt)}`,
    seqIn,
    leaseIn(lease) {
      const [, id = '', attempt = ''] = /^([^.]+)\.(\d{1,9})$/.exec(lease) ?? [];
      const seq = seqIn(id);
      return seq === undefined ? undefined : { seq, attempt: Number(attempt) };
    },
  };
}

function epochOf(epochs: readonly Epoch[], seq: number): string {
  for (let at = epochs.length - 1; at >= 0; at -= 1) {
    const one = epochs[at];
    if (one !== undefined && one.firstSeq <= seq) return one.epoch;
  }
  return '0';
}
