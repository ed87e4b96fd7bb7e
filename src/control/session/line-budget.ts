/** What unfinished lines of all sessions take together: one after the other they would fill the memory. */

export interface LineBudget {
  /** `end`: called when this session has the longest of too many. Again with 0 bytes: it has none any more. */
  holds(session: object, bytes: number, end: () => void): void;
}

export function createLineBudget(mostBytes: number): LineBudget {
  const held = new Map<object, { readonly bytes: number; readonly end: () => void }>();
  let total = 0;
  return {
    holds(session, bytes, end) {
      total += bytes - (held.get(session)?.bytes ?? 0);
      if (bytes === 0) held.delete(session);
      else held.set(session, { bytes, end });
      if (total <= mostBytes) return;
      // The longest: else a client that fills it would keep all others out.
      const [longest] = [...held].sort(([, one], [, other]) => other.bytes - one.bytes);
      if (longest === undefined) return;
      held.delete(longest[0]);
      total -= longest[1].bytes;
      longest[1].end();
    },
  };
}
