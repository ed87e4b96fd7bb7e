import type { Mutant } from '../load-mutant.ts';

const mutant = (name: string, file: string, original: string, broken: string): Mutant => ({
  ...{ name, file, original, broken },
});

/** Files are those of `src/core/exchange/queue`. */
export const MUTANTS: readonly Mutant[] = [
  mutant('does not count runs', 'gets.ts', 'extra.attempts += 1;', ''),
  mutant('counts a run that was not handed out', 'gets.ts', 'extra.attempts -= 1;', ''),
  mutant(
    'gives before the lease is written',
    'gets.ts',
    'state.gets.delete(ticket);\n    const',
    "state.gets.delete(ticket);\n    state.emit({ type: 'give', ticket, given });\n    const",
  ),
  mutant(
    'forgets to give back at a death',
    'queue.ts',
    "loseLease(state, seq, 'the reader disconnected', nowMs)",
    'void seq',
  ),
  mutant(
    'forgets leases that expire',
    'ends.ts',
    'if (lease === undefined || extra === undefined) return;',
    'if (lease === undefined || extra === undefined || failure === LEASE_EXPIRED) return;',
  ),
  mutant(
    'lets a stranger end a run',
    'ends.ts',
    'lease?.attempt === attempt && !lease.isEnding',
    'lease !== undefined && attempt > 0 && !lease.isEnding',
  ),
  mutant(
    'gives back what is being acknowledged',
    'ends.ts',
    'if (lease.isEnding) {',
    'if (lease.isEnding && seq < 0) {',
  ),
  mutant(
    'gives back without a back-off',
    'state.ts',
    'const waitMs = end.waitMs ?? backoffAfter(state.rules, again ? 1 : failed);',
    'const waitMs = end.waitMs ?? 0 * backoffAfter(state.rules, again ? 1 : failed);',
  ),
  mutant(
    'has one attempt more',
    'state.ts',
    'failed >= (extra.limit ?? state.rules.attempts)',
    'failed > (extra.limit ?? state.rules.attempts)',
  ),
  mutant('forgets who has excused a run', 'state.ts', 'if (again) extra.excused += 1;', ''),
  mutant(
    'answers a put too early',
    'puts.ts',
    'state.storing += adds.length;',
    "state.storing += adds.length;\n  state.emit({ type: 'put', ticket, results });",
  ),
  mutant(
    'answers a put that was not written',
    'puts.ts',
    'if (!isDone) {',
    'if (!isDone && one.ticket < 0) {',
  ),
  mutant(
    'knows no maxsize',
    'puts.ts',
    'const isFull = maxsize !== null && sizeOf(state) + count > maxsize;',
    'const isFull = maxsize !== null && count > maxsize;',
  ),
  mutant(
    'forgets puts that wait',
    'puts.ts',
    'state.puts.delete(ticket);\n    if (canNever)',
    'state.puts.delete(ticket);\n    if (!canNever) continue;\n    if (canNever)',
  ),
  mutant(
    'takes the last one first',
    'seq-runs.ts',
    'this.#starts.push(seq);\n    this.#ends.push(seq + 1);',
    'this.#starts.splice(this.#at, 0, seq);\n    this.#ends.splice(this.#at, 0, seq + 1);',
  ),
  mutant(
    'removes before that is written',
    'ends.ts',
    'else restore(state, seq, extra, nowMs);',
    'else forget(state, seq, extra);',
  ),
  mutant(
    'does not remove what was acknowledged',
    'ends.ts',
    "({ type: 'remove', seq }) as const",
    "({ type: 'lease', seq, attempts: 1 }) as const",
  ),
  mutant('loses what is due', 'queue.ts', 'makeReady(state, seq, extra, extra.attempts > 0);', 'void extra;'),
  mutant(
    'loses what was leased at a crash',
    'queue.ts',
    'else makeReady(state, seq, extra, true);\n  }',
    'else if (one.place !== "leased") makeReady(state, seq, extra, true);\n  }',
  ),
  mutant(
    'gives all attempts again after a crash',
    'queue.ts',
    "if (one.place === 'leased' && attempts - excused",
    "if (one.place === 'leased' && -1 * attempts - excused",
  ),
  mutant(
    'keeps one for a reader that is gone',
    'gets.ts',
    'if (!isDone || one.isUnwanted) {',
    'if (!isDone) {',
  ),
  mutant(
    'never ends a wait',
    'queue.ts',
    'endGet(state, state.getEnds.firstSeq ?? -1)',
    'void state.getEnds.firstSeq',
  ),
];
