/** Pools that break a rule, each by a change of what the real one says or hears: the invariants must detect them all. */
import type { PoolEffect, PoolEvent } from '../../../src/core/pool/events.ts';
import { stepPool } from '../../../src/core/pool/step.ts';
import type { Step } from './story.ts';

type ChangeEffect = (effect: PoolEffect) => readonly PoolEffect[];
type ChangeEvent = (event: PoolEvent) => PoolEvent;

const changing =
  (change: ChangeEffect): (() => Step) =>
  () =>
  (spec, state, event) =>
    stepPool(spec, state, event).flatMap(change);

const hearing =
  (change: ChangeEvent): (() => Step) =>
  () =>
  (spec, state, event) =>
    stepPool(spec, state, change(event));

const without = (type: PoolEffect['type'], count = Infinity): (() => Step) => {
  let left = count;
  return changing((effect) => (effect.type === type && (left -= 1) >= 0 ? [] : [effect]));
};

const twice = (type: PoolEffect['type']): (() => Step) =>
  changing((effect) => (effect.type === type ? [effect, effect] : [effect]));

/** As if the rules for it were others. */
const ruledBy =
  (change: (spec: Parameters<Step>[0]) => Parameters<Step>[0]): (() => Step) =>
  () =>
  (spec, state, event) =>
    stepPool(change(spec), state, event);

export const MUTANTS: Readonly<Record<string, () => Step>> = {
  'starts a job twice': twice('start'),
  'tells a result twice': twice('finish'),
  'delivers twice': twice('deliver'),
  'forgets a result': without('finish'),
  'delivers nothing': without('deliver'),
  'does not tell what was not done': without('drop'),
  'never ends': without('end'),
  'sends no SIGTERM': changing((effect) =>
    effect.type === 'signal' && effect.signal === 'SIGTERM' ? [] : [effect],
  ),
  'kills at once': changing((effect) =>
    effect.type === 'signal' ? [{ ...effect, signal: 'SIGKILL' }] : [effect],
  ),
  'waits for ever after SIGTERM': changing((effect) =>
    effect.type === 'set-timer' && effect.ms === 5000 ? [] : [effect],
  ),
  'forgets time limits': changing((effect) =>
    effect.type === 'set-timer' && effect.ms === 100 ? [] : [effect],
  ),
  'abandons without a word': without('abandon'),
  'uses a slot more': changing((effect) =>
    effect.type === 'start' ? [{ ...effect, slot: effect.slot + 1 }] : [effect],
  ),
  'asks for no jobs': without('pull'),
  'asks for too many jobs': changing((effect) =>
    effect.type === 'pull' ? [{ ...effect, count: effect.count * 3 }] : [effect],
  ),
  'miscounts attempts': changing((effect) =>
    effect.type === 'finish' ? [{ ...effect, attempts: effect.attempts + 1 }] : [effect],
  ),
  'tries once more than asked for': ruledBy((spec) => ({ ...spec, attempts: spec.attempts + 1 })),
  'never tries again': ruledBy((spec) => ({ ...spec, attempts: 1 })),
  'ignores the order': ruledBy((spec) => ({ ...spec, keepOrder: false })),
  'ignores halts': ruledBy((spec) => ({ ...spec, halt: null })),
  'halts at the first end': ruledBy((spec) =>
    spec.halt === null ? spec : { ...spec, halt: { ...spec.halt, on: 'done', limit: { jobs: 1 } } },
  ),
  'never delays': ruledBy((spec) => ({ ...spec, delayMs: 0 })),
  'lets jobs run after a halt that stops them': ruledBy((spec) =>
    spec.halt === null ? spec : { ...spec, halt: { ...spec.halt, when: 'soon' } },
  ),
  'takes late events for new ones': () => (spec, state, event) => {
    const slot = 'slot' in event ? state.slots[event.slot] : undefined;
    return stepPool(spec, state, slot && 'run' in event ? { ...event, run: slot.run } : event);
  },
  'takes every end for a failure': hearing((event) =>
    event.type === 'ended' ? { ...event, status: event.status || 1 } : event,
  ),
  'takes every end for a success': hearing((event) =>
    event.type === 'ended' ? { ...event, status: 0 } : event,
  ),
  'goes on after a stop': hearing((event) =>
    event.type === 'stop' ? { type: 'output', isFull: false } : event,
  ),
  'stops softly when asked to stop now': hearing((event) =>
    event.type === 'stop' ? { ...event, how: 'soon' } : event,
  ),
  'does not kill when asked to': hearing((event) =>
    event.type === 'stop' && event.how === 'kill' ? { ...event, how: 'now' } : event,
  ),
  'starts jobs while nobody reads': hearing((event) =>
    event.type === 'output' ? { ...event, isFull: false } : event,
  ),
  'takes the gate for open': () => (spec, state, event) => {
    if (state.gate === 'shut' || state.gate === 'asked') state.gate = 'passed';
    return stepPool(spec, state, event);
  },
};
