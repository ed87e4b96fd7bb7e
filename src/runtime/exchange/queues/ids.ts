/**
 * Names of messages and leases: `k3f9a2-17` is message 17 of an epoch, `k3f9a2-17.2` its second run. Each opening of the
 * store begins an epoch with a random name, so no id comes twice even where the store has lost its last messages.
 */
import type { LeaseId } from '../../../core/exchange/queue/events.ts';
import type { Epoch } from '../../../ports/message-store.ts';

export interface MessageIds {
  idOf(seq: number): string;
  /** Undefined: no message has ever had this id. */
  seqIn(id: string): number | undefined;
  leaseIn(lease: string): LeaseId | undefined;
}

/** More could not be counted exactly. */
const MOST_DIGITS = 15;
const ZERO = 48;

export function createMessageIds(epochs: readonly Epoch[]): MessageIds {
  /** Newest first: almost all are of that. */
  const names = epochs.map(({ firstSeq, epoch }) => ({ firstSeq, prefix: `${epoch}-` })).reverse();
  const prefixOf = (seq: number): string => {
    for (const { firstSeq, prefix } of names) if (firstSeq <= seq) return prefix;
    return '0-';
  };
  const seqIn = (id: string, end = id.length): number | undefined => {
    const from = id.indexOf('-') + 1;
    const seq = numberIn(id, from, end);
    if (seq === undefined) return undefined;
    const prefix = prefixOf(seq);
    return prefix.length === from && id.startsWith(prefix) ? seq : undefined;
  };
  return {
    idOf: (seq) => prefixOf(seq) + String(seq),
    seqIn: (id) => seqIn(id),
    leaseIn(lease) {
      const dot = lease.indexOf('.');
      const seq = dot === -1 ? undefined : seqIn(lease, dot);
      const attempt = numberIn(lease, dot + 1, lease.length);
      // The first run is number 1: one that was not given out has none.
      return seq === undefined || attempt === undefined || attempt === 0 ? undefined : { seq, attempt };
    },
  };
}

export const leaseOf = (id: string, attempt: number): string => `${id}.${String(attempt)}`;

/** As `idOf` writes it; undefined: anything else. By hand: a regular expression takes four times as long. */
function numberIn(text: string, from: number, end: number): number | undefined {
  if (end <= from || end - from > MOST_DIGITS) return undefined;
  if (end - from > 1 && text.charCodeAt(from) === ZERO) return undefined;
  let value = 0;
  for (let at = from; at < end; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}
