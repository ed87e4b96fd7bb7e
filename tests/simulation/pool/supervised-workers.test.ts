/**
 * Seeded stories of a pool whose workers somebody else starts and stops, against what it promises; and machines that break it.
 */
import { describe, expect, test } from 'vitest';
import { stepTasks } from '../../../src/core/pool/tasks/step.ts';
import {
  MOST_DEATHS,
  newTasksState,
  type Outcome,
  type Task,
  type TasksEffect,
  type TasksEvent,
  type TasksSpec,
} from '../../../src/core/pool/tasks/state.ts';
import { seeded } from '../random.ts';

interface Job extends Task {
  readonly id: number;
  readonly mayTry: number;
  begun: number;
  outcomes: Outcome['kind'][];
}

type Step = typeof stepTasks<Job>;

/** A worker as its supervisor sees it. */
interface Life {
  task: Job | undefined;
  isLeaving: boolean;
  isStopped: boolean;
}

function story(seed: number, step: Step): void {
  const source = seeded(seed);
  const random = (below: number): number => source.between(0, below - 1);
  const spec: TasksSpec = {
    ...{ size: 0, idleMs: Infinity, mostAhead: 1 },
    recycleAfter: random(3) === 0 ? 1 + random(4) : Infinity,
  };
  const state = newTasksState<Job>();
  const lives = new Map<number, Life>();
  const jobs: Job[] = [];
  let [workers, deathsInRow, hasFailed] = [0, 0, false];
  const check = (isSo: boolean, what: string): void => {
    if (!isSo) throw new Error(`seed ${String(seed)}: ${what}`);
  };

  const send = (event: TasksEvent<Job>): void => {
    const effects: TasksEffect<Job>[] = [];
    step(spec, state, event, 0, effects);
    for (const effect of effects) {
      const life = 'worker' in effect ? lives.get(effect.worker) : undefined;
      switch (effect.do) {
        case 'start':
          return check(false, 'it starts a worker itself');
        case 'give':
          check(
            life !== undefined && !life.isLeaving && life.task === undefined,
            'given to one that takes nothing',
          );
          if (life !== undefined) life.task = effect.task;
          effect.task.begun += 1;
          check(effect.task.begun <= effect.task.mayTry, 'carried out more often than it may be');
          break;
        case 'settle':
          effect.task.outcomes.push(effect.outcome.kind);
          check(effect.task.outcomes.length === 1, 'settled twice');
          break;
        case 'end':
          check(life?.task === undefined, 'ended with a task');
          if (life !== undefined) life.isLeaving = true;
          break;
        case 'kill':
          if (life !== undefined) life.isStopped = true;
          break;
        case 'failed':
          check(deathsInRow === MOST_DEATHS, 'failed after other than five deaths');
          hasFailed = true;
          break;
        case 'timeout':
        case 'idle':
        case 'start-later':
        case 'ended':
          break;
      }
    }
  };

  const bury = (id: number, life: Life): void => {
    const { task } = life;
    const wasStopped = life.isStopped || life.isLeaving;
    if (!wasStopped) deathsInRow += 1;
    lives.delete(id);
    send({ type: 'exited', worker: id, exit: { code: 1 }, reason: undefined, wasStopped });
    if (task === undefined || task.outcomes.length > 0) return;
    check(task.place === 'waiting' || task.place === 'given', 'its task is lost');
  };

  const live = (): void => {
    const all = [...lives];
    const [id, life] = all[random(all.length)] ?? [];
    if (id === undefined || life === undefined) return;
    if (random(10) === 0 || life.isStopped || (life.isLeaving && life.task === undefined))
      return bury(id, life);
    if (life.task === undefined) return;
    life.task = undefined;
    deathsInRow = 0;
    send({ type: 'result', worker: id, failed: false });
  };

  const arrive = (): void => {
    workers += 1;
    lives.set(workers, { task: undefined, isLeaving: false, isStopped: false });
    send({ type: 'arrived', worker: workers });
  };

  for (let at = 0; at < 80 && !hasFailed; at += 1) {
    const what = random(14);
    if (what < 4) {
      const retries = random(3);
      const job: Job = {
        ...{ id: at, retries, mayTry: retries + 1, timeoutMs: Infinity, alone: true },
        ...{ place: 'new', worker: 0, begun: 0, outcomes: [] },
      };
      jobs.push(job);
      send({ type: 'submit', task: job });
    } else if (what < 6 && lives.size < 3) arrive();
    else if (what === 6) {
      deathsInRow += 1;
      send({ type: 'not-started', exit: { error: 'EAGAIN', message: 'too many' } });
    } else if (what === 7) {
      const [[id, life] = []] = lives;
      if (id === undefined || life === undefined) continue;
      // A stop by somebody else: no more tasks, then its end, with the task or without.
      life.isLeaving = true;
      send({ type: 'recycle', worker: id });
    } else if (what === 8) {
      const job = jobs[random(jobs.length || 1)];
      if (job !== undefined) send({ type: 'abort', task: job });
    } else live();
  }
  for (const [id, life] of [...lives]) {
    life.isStopped = true;
    bury(id, life);
  }
  send({ type: 'drop-waiting' });
  for (const { id, outcomes } of jobs) check(outcomes.length === 1, `job ${String(id)} was never settled`);
  check(hasFailed || deathsInRow < MOST_DEATHS, 'five deaths in a row were not told');
  if (hasFailed) return;
  // It goes on taking tasks.
  const late: Job = {
    ...{ id: -1, retries: 0, mayTry: 1, timeoutMs: Infinity, alone: true },
    ...{ place: 'new', worker: 0, begun: 0, outcomes: [] },
  };
  send({ type: 'submit', task: late });
  arrive();
  check(lives.get(workers)?.task === late, 'a task that comes later is not begun');
}

const STORIES = 2000;

test(`${String(STORIES)} stories keep what a pool promises`, () => {
  for (let seed = 1; seed <= STORIES; seed += 1) story(seed, stepTasks);
});

/** Each breaks the machine from outside. */
const MUTANTS: Readonly<Record<string, Step>> = {
  'takes a stop for a death': (spec, state, event, nowMs, effects) =>
    stepTasks(spec, state, event.type === 'exited' ? { ...event, wasStopped: false } : event, nowMs, effects),
  'takes a death for a stop': (spec, state, event, nowMs, effects) =>
    stepTasks(spec, state, event.type === 'exited' ? { ...event, wasStopped: true } : event, nowMs, effects),
  'does not count those that were not started': (spec, state, event, nowMs, effects) => {
    if (event.type !== 'not-started') stepTasks(spec, state, event, nowMs, effects);
  },
  'leaves tasks waiting': (spec, state, event, nowMs, effects) => {
    if (event.type !== 'drop-waiting') stepTasks(spec, state, event, nowMs, effects);
  },
  'closes when it drops': (spec, state, event, nowMs, effects) => {
    stepTasks(spec, state, event, nowMs, effects);
    if (event.type === 'drop-waiting') stepTasks(spec, state, { type: 'close' }, nowMs, effects);
  },
  'gives to one that is being stopped': (spec, state, event, nowMs, effects) => {
    if (event.type !== 'recycle') stepTasks(spec, state, event, nowMs, effects);
  },
  'starts workers itself': (spec, state, event, nowMs, effects) =>
    stepTasks({ ...spec, size: 2 }, state, event, nowMs, effects),
  'blames nobody': (spec, state, event, nowMs, effects) => {
    const worker = event.type === 'exited' ? state.workers.get(event.worker) : undefined;
    worker?.given.splice(0, 1);
    stepTasks(spec, state, event, nowMs, effects);
  },
};

describe('a machine is found out that', () => {
  test.each(Object.entries(MUTANTS))('%s', (_what, mutant) => {
    expect(() => {
      for (let seed = 1; seed <= STORIES; seed += 1) story(seed, mutant);
    }).toThrow(/seed/);
  });
});
