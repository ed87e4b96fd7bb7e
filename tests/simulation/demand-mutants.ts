/** The machine of processes that clients start, with one rule broken on purpose. */
import type { Mutant } from './load-mutant.ts';

const file = 'sockets/demand.ts';

export const DEMAND_MUTANTS: readonly Mutant[] = [
  {
    name: 'a client starts what was stopped on request',
    file,
    original: 'if (!isArmed) return { state: NEW_DEMAND, effects: left(state) };',
    broken: '',
  },
  {
    name: 'what was watched stays so when it is stopped on request',
    file,
    original: "if (is === 'waiting') return [{ type: 'unwatch' }];",
    broken: '',
  },
  {
    name: 'a client starts it during its rest',
    file,
    original: "if (state.is !== 'waiting') return stay(state);\n      return { state: begun(state)",
    broken: 'return { state: begun(state)',
  },
  {
    name: 'a program that takes nobody is started over and over',
    file,
    original: '(ranMs >= rule.healthyAfterMs && !hasFailed)',
    broken: 'ranMs >= 0',
  },
  {
    name: 'rests do not get longer',
    file,
    original: 'const shortRuns = state.shortRuns + 1;',
    broken: 'const shortRuns = 1;',
  },
  {
    name: 'a rest has no end',
    file,
    original:
      "if (state.is === 'resting') return { state: { ...state, is: 'waiting' }, effects: [{ type: 'watch' }] };",
    broken: '',
  },
  {
    name: 'nobody is waited for after a stop for want of clients',
    file,
    original: "{ state: { ...NEW_DEMAND, is: 'waiting' }, effects: [...left(state), { type: 'watch' }] }",
    broken: "{ state: { ...NEW_DEMAND, is: 'waiting' }, effects: left(state) }",
  },
  {
    name: 'it is stopped at the first look without a client',
    file,
    original: 'const leftMs = state.busyMs + idleMs - nowMs;',
    broken: 'const leftMs = 0;',
  },
  {
    name: 'its idle time begins with its start',
    file,
    original: 'state: { ...state, busyMs: nowMs, isIdle: false }, effects',
    broken: 'state, effects',
  },
  {
    name: 'its idle time is that of the run before',
    file,
    original: "is: 'up', upMs: nowMs, busyMs: nowMs, isIdle: false }",
    broken: "is: 'up', upMs: nowMs, isIdle: false }",
  },
  {
    name: 'it is looked at once',
    file,
    original: "effects: [{ type: 'wait', ms: Math.min(everyMs, leftMs) }] };",
    broken: 'effects: [] };',
  },
  {
    name: 'it is not looked at',
    file,
    original: "[{ type: 'wait', ms: lookEvery(idleMs) }] as const",
    broken: '[] as const',
  },
  {
    name: 'a stop that was put off counts as one',
    file,
    original: "isIdle: false }, effects: [{ type: 'wait', ms: everyMs }] };",
    broken: "}, effects: [{ type: 'wait', ms: everyMs }] };",
  },
];
