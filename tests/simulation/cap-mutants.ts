/** The caps with one rule broken on purpose. */
import type { Mutant } from './load-mutant.ts';

const file = 'fleet/caps.ts';

export const CAP_MUTANTS: readonly Mutant[] = [
  {
    name: 'the last of a cap is not given',
    file,
    original: 'lacking.has(cap) || amount > roomOf',
    broken: 'lacking.has(cap) || amount >= roomOf',
  },
  {
    name: 'more is given than there is',
    file,
    original: 'lacking.has(cap) || amount > roomOf(state, cap)',
    broken: 'lacking.has(cap) || roomOf(state, cap) <= 0',
  },
  {
    name: 'small ones overtake large ones',
    file,
    original: 'lacking.has(cap) || amount > roomOf',
    broken: 'amount > roomOf',
  },
  {
    name: 'the first that has no room stops all',
    file,
    original: 'if (lacking.size === spec.caps.size) return undefined;',
    broken: 'return undefined;',
  },
  {
    name: 'what waits for its restart gives its caps back',
    file,
    original: 'return !isDown(phase) || isUnkillable(phase) || beside !== null;',
    broken: "return (!isDown(phase) && phase.name !== 'backoff') || isUnkillable(phase) || beside !== null;",
  },
  {
    name: 'clients are not counted',
    file,
    original: 'if (isGranted) amount += amountOf(uses, cap);',
    broken: '',
  },
  {
    name: 'what is stopped while it waits goes on waiting',
    file,
    original: 'const queue = mayWait ? caps.queue : without(caps.queue, { member: spec.name });',
    broken: 'const queue = caps.queue;',
  },
  {
    name: 'the hard cap does not count those that wait',
    file,
    original: 'const asked = waiting.reduce((sum, some) => sum + some, inUse(state.caps, name));',
    broken: 'const asked = inUse(state.caps, name) + 0 * waiting.length;',
  },
  {
    name: 'the hard cap is reached too early',
    file,
    original: 'if (asked + amount <= hard) return undefined;',
    broken: 'if (asked + amount < hard) return undefined;',
  },
  {
    name: 'after a reload what runs counts for nothing',
    file,
    original: 'return { ...before, used, queue };',
    broken: 'return { ...before, used: new Map(), queue };',
  },
  {
    name: 'a claim is granted again and again',
    file: 'fleet/steering.ts',
    original: 'state.caps = unqueued(state.caps, user);\n    if',
    broken:
      "if ('member' in user) state.caps = unqueued(state.caps, user);\n    else if (state.caps.claims.get(user.claim)?.isGranted) return;\n    if",
  },
  {
    name: 'what is freed is given at the next occasion only',
    file: 'fleet/steering.ts',
    original: ' || nextGranted(draft.state) !== undefined)',
    broken: ')',
  },
];
