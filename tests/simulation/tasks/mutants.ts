/** Runs of tasks that break a rule, each by a change of what the real one says or hears: the invariants must detect them all. */
import type { TaskEffect, TaskEvent } from '../../../src/core/task/events.ts';
import type { TaskRunSpec } from '../../../src/core/task/state.ts';
import { stepTasks } from '../../../src/core/task/step.ts';
import type { Task } from '../../../src/core/task/task.ts';
import type { Step } from './story.ts';

const changing =
  (change: (effect: TaskEffect) => readonly TaskEffect[]): (() => Step) =>
  () =>
  (spec, state, event) =>
    stepTasks(spec, state, event).flatMap(change);

const hearing =
  (change: (event: TaskEvent) => TaskEvent): (() => Step) =>
  () =>
  (spec, state, event) =>
    stepTasks(spec, state, change(event));

const without = (type: TaskEffect['type']): (() => Step) =>
  changing((effect) => (effect.type === type ? [] : [effect]));

const twice = (type: TaskEffect['type']): (() => Step) =>
  changing((effect) => (effect.type === type ? [effect, effect] : [effect]));

/** As if the rules for it were others. */
const ruledBy =
  (change: (spec: TaskRunSpec) => TaskRunSpec): (() => Step) =>
  () =>
  (spec, state, event) =>
    stepTasks(change(spec), state, event);

const withTasks = (change: (task: Task) => Task): (() => Step) =>
  ruledBy((spec) => ({ ...spec, graph: spec.graph.map((node) => ({ ...node, task: change(node.task) })) }));

const IGNORED: TaskEvent = { type: 'begin' };

export const MUTANTS: Readonly<Record<string, () => Step>> = {
  'starts a task twice': twice('start'),
  'tells an end twice': twice('finish'),
  'forgets to tell an end': without('finish'),
  'never ends': without('end'),
  'keeps a result twice': twice('keep'),
  'keeps no result': without('keep'),
  'leaves claims behind': without('drop'),
  'asks the cache about nothing': without('look'),
  'forgets looks that nobody wants': without('cancel-look'),
  'puts nothing back': without('restore'),
  'asks for no process': without('hold'),
  'asks for a process twice': twice('hold'),
  'leaves processes running': without('release'),
  'releases a process twice': twice('release'),
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
    effect.type === 'start' && effect.slot > 0 ? [{ ...effect, slot: effect.slot + 1 }] : [effect],
  ),
  'tries again without a word': without('retry'),
  'tells another status': changing((effect) =>
    effect.type === 'finish' && effect.outcome.is === 'failed'
      ? [{ ...effect, outcome: { ...effect.outcome, status: effect.outcome.status + 1 } }]
      : [effect],
  ),
  'tries once more than asked for': withTasks((task) => ({ ...task, retries: task.retries + 1 })),
  'never tries again': withTasks((task) => ({ ...task, retries: 0 })),
  'gives nobody the terminal': withTasks((task) => ({ ...task, interactive: false })),
  'gives everybody the terminal': withTasks((task) => ({ ...task, interactive: true })),
  'ignores caps and locks': () => (spec, state, event) => {
    for (const key of state.resources.free.keys()) state.resources.free.set(key, 100);
    return stepTasks(spec, state, event);
  },
  'never gives back what tasks use': () => (spec, state, event) => {
    const before = new Map(state.resources.free);
    const effects = stepTasks(spec, state, event);
    for (const [key, free] of before)
      if ((state.resources.free.get(key) ?? 0) > free) state.resources.free.set(key, free);
    return effects;
  },
  'asks no other run for caps and locks': without('take'),
  'asks other runs twice': twice('take'),
  'gives nothing back to other runs': without('give-back'),
  'gives back to other runs twice': twice('give-back'),
  'looks at nothing while other runs leave no room': hearing((event) =>
    event.type === 'awaits-uses' ? IGNORED : event,
  ),
  'does not wait for other runs': () => (spec, state, event) =>
    stepTasks(spec, state, event).flatMap((effect) =>
      effect.type === 'take'
        ? [effect, ...stepTasks(spec, state, { type: 'taken', task: effect.task })]
        : [effect],
    ),
  'goes on after a failure': ruledBy((spec) => ({ ...spec, continues: true })),
  'gives up at the first failure': ruledBy((spec) => ({ ...spec, continues: false })),
  'does not look at the cache': ruledBy((spec) => ({ ...spec, looks: () => false })),
  'waits for nothing that it needs': () => (spec, state, event) => {
    for (const task of state.tasks) if (task.phase.is === 'waiting') task.missing = Math.min(task.missing, 1);
    return stepTasks(spec, state, event);
  },
  'needs no processes': ruledBy((spec) => ({
    ...spec,
    graph: spec.graph.map((node) => ({ ...node, processes: [] })),
  })),
  'takes late events for new ones': () => (spec, state, event) => {
    const task = 'task' in event ? state.tasks[event.task] : undefined;
    return stepTasks(spec, state, task !== undefined && 'run' in event ? { ...event, run: task.run } : event);
  },
  'takes every end for a success': hearing((event) =>
    event.type === 'ended' ? { ...event, status: 0 } : event,
  ),
  'takes every end for a failure': hearing((event) =>
    event.type === 'ended' ? { ...event, status: event.status || 1 } : event,
  ),
  'takes a result that cannot be put back': hearing((event) =>
    event.type === 'restored' ? { ...event, isWhole: true } : event,
  ),
  'takes a failed process for one that is held': hearing((event) =>
    event.type === 'not-held' ? { type: 'held', key: event.key } : event,
  ),
  'takes the failure of another run for a miss': hearing((event) =>
    event.type === 'looked' && event.found === 'joined'
      ? { type: 'looked', task: event.task, found: 'none' }
      : event,
  ),
  'goes on after a stop': hearing((event) => (event.type === 'stop' ? IGNORED : event)),
  'stops softly when asked to stop now': hearing((event) =>
    event.type === 'stop' ? { ...event, how: 'soon' } : event,
  ),
  'does not kill when asked to': hearing((event) =>
    event.type === 'stop' && event.how === 'kill' ? { ...event, how: 'now' } : event,
  ),
  'starts tasks while nobody reads': hearing((event) =>
    event.type === 'output' ? { ...event, isFull: false } : event,
  ),
};
