/** Seeded stories of a pool with workers that die anywhere, against what it promises; and machines that break it. */
import { describe, expect, test } from 'vitest';
import { stepTasks } from '../../../src/core/pool/tasks/step.ts';
import {
  newTasksState,
  type Outcome,
  type Task,
  type TasksEffect,
  type TasksEvent,
  type TasksSpec,
} from '../../../src/core/pool/tasks/state.ts';

interface Job extends Task {
  readonly id: number;
  readonly mayTry: number;
  begun: number;
  outcomes: Outcome['kind'][];
  hasAborted: boolean;
}

type Step = typeof stepTasks<Job>;

/** Small and repeatable (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

interface Life {
  readonly queue: Job[];
  isUp: boolean;
  isKilled: boolean;
  isEnding: boolean;
}

/** One story; throws where a promise is broken. */
function story(seed: number, step: Step): void {
  const random = randomOf(seed);
  const spec: TasksSpec = {
    size: 1 + random(3),
    recycleAfter: random(3) === 0 ? 1 + random(4) : Infinity,
    idleMs: Infinity,
    mostAhead: random(2) === 0 ? 64 : 1,
  };
  const state = newTasksState<Job>();
  const lives = new Map<number, Life>();
  const jobs: Job[] = [];
  let [nowMs, deaths, blamed, hasEnded, hasFailed] = [0, 0, 0, false, false];
  const check = (isSo: boolean, what: string): void => {
    if (!isSo) throw new Error(`seed ${seed}: ${what}`);
  };
  const later: TasksEvent<Job>[] = [];

  const send = (event: TasksEvent<Job>): void => {
    const effects: TasksEffect<Job>[] = [];
    step(spec, state, event, nowMs, effects);
    for (const effect of effects) {
      switch (effect.do) {
        case 'start':
          check(!lives.has(effect.worker), 'a worker is started twice');
          lives.set(effect.worker, { queue: [], isUp: false, isKilled: false, isEnding: false });
          check(lives.size <= spec.size, 'too many workers');
          break;
        case 'give': {
          const life = lives.get(effect.worker);
          check(life?.isUp === true && !life.isKilled && !life.isEnding, 'given to one that takes nothing');
          life?.queue.push(effect.task);
          check((life?.queue.length ?? 0) <= spec.mostAhead, 'too many in flight');
          check(life?.queue.at(-2)?.alone !== true, 'given behind one that its worker may be killed for');
          break;
        }
        case 'settle': {
          const { task, outcome } = effect;
          task.outcomes.push(outcome.kind);
          check(task.outcomes.length === 1, 'settled twice');
          check(outcome.kind !== 'aborted' || task.hasAborted, 'aborted by nobody');
          if (outcome.kind === 'died') blamed += 1;
          break;
        }
        case 'kill': {
          const life = lives.get(effect.worker);
          if (life !== undefined) life.isKilled = true;
          break;
        }
        case 'end': {
          const life = lives.get(effect.worker);
          check(life?.queue.length === 0, 'ended with tasks');
          if (life !== undefined) life.isEnding = true;
          break;
        }
        case 'start-later':
          later.push({ type: 'start' });
          break;
        case 'failed':
          hasFailed = true;
          break;
        case 'ended':
          check(lives.size === 0, 'ended with workers');
          hasEnded = true;
          break;
        case 'timeout':
        case 'idle':
          break;
      }
    }
  };

  const bury = (id: number, life: Life): void => {
    lives.delete(id);
    const before = blamed;
    const begun = life.queue[0];
    const retries = begun?.retries ?? 0;
    send({ type: 'exited', worker: id, exit: { code: 1 }, reason: undefined });
    if (life.isKilled || life.isEnding)
      return check(blamed === before, 'a death of our doing has cost a task');
    deaths += 1;
    const isTried = begun !== undefined && begun.retries < retries;
    const isPaid = begun === undefined || isTried || begun.outcomes.length > 0;
    check(isPaid && blamed - before <= 1, 'a death costs the task that was begun, and no other');
    if (!isTried && begun !== undefined && !begun.hasAborted && !hasFailed)
      check(blamed - before === 1, 'nobody paid');
  };

  /** Something that happens to a worker. */
  const live = (dies: number): void => {
    const all = [...lives];
    const [id, life] = all[random(all.length)] ?? [];
    if (id === undefined || life === undefined) return;
    if (life.isKilled || life.isEnding) return bury(id, life);
    if (random(100) < dies) return bury(id, life);
    if (!life.isUp) {
      life.isUp = true;
      return send({ type: 'ready', worker: id });
    }
    const job = life.queue.shift();
    if (job === undefined) return;
    job.begun += 1;
    check(job.begun <= job.mayTry, 'carried out more often than it may be');
    send({ type: 'result', worker: id, failed: random(10) === 0 });
  };

  for (let at = 0; at < 60 && !hasEnded; at += 1) {
    nowMs += random(3);
    const what = random(12);
    if (what < 4) {
      const retries = random(3);
      const job: Job = {
        ...{ id: at, retries, mayTry: retries + 1, timeoutMs: Infinity, alone: random(4) === 0 },
        ...{ place: 'new', worker: 0, begun: 0, outcomes: [], hasAborted: false },
      };
      jobs.push(job);
      send({ type: 'submit', task: job });
    } else if (what === 4) {
      const job = jobs[random(jobs.length || 1)];
      if (job?.alone !== true) continue;
      job.hasAborted = true;
      send({ type: 'abort', task: job });
    } else if (what === 5) {
      const event = later.pop();
      if (event !== undefined) send(event);
    } else if (what === 6) {
      for (const id of lives.keys()) if (random(8) === 0) send({ type: 'recycle', worker: id });
    } else live(8);
  }
  send({ type: random(4) === 0 ? 'terminate' : 'close' });
  for (let left = 5000; left > 0 && !hasEnded; left -= 1) {
    const event = later.pop();
    if (event !== undefined) send(event);
    live(jobs.some(({ outcomes }) => outcomes.length === 0) ? 3 : 0);
  }
  check(hasEnded, 'it never ends');
  for (const { id, outcomes } of jobs) check(outcomes.length === 1, `job ${id} was never settled`);
  check(deaths >= blamed, 'more tasks than deaths');
}

const STORIES = 1500;

test(`${STORIES} stories keep what a pool promises`, () => {
  for (let seed = 1; seed <= STORIES; seed += 1) story(seed, stepTasks);
});

/** Each breaks the machine from outside. */
const MUTANTS: Readonly<Record<string, Step>> = {
  'settles twice': (spec, state, event, nowMs, effects) => {
    stepTasks(spec, state, event, nowMs, effects);
    effects.push(...effects.filter((effect) => effect.do === 'settle'));
  },
  'loses a task': (spec, state, event, nowMs, effects) => {
    const kept: TasksEffect<Job>[] = [];
    stepTasks(spec, state, event, nowMs, kept);
    effects.push(...kept.filter((effect) => effect.do !== 'settle' || effect.task.id % 7 !== 3));
  },
  'forgets those that were not begun when a worker dies': (spec, state, event, nowMs, effects) => {
    if (event.type === 'exited') state.workers.get(event.worker)?.given.splice(1);
    stepTasks(spec, state, event, nowMs, effects);
  },
  'blames nobody': (spec, state, event, nowMs, effects) => {
    const worker = event.type === 'exited' ? state.workers.get(event.worker) : undefined;
    if (worker?.phase === 'ready') worker.phase = 'killed';
    stepTasks(spec, state, event, nowMs, effects);
  },
  'retries without end': (spec, state, event, nowMs, effects) => {
    for (const { given } of state.workers.values()) for (const task of given) task.retries = 1;
    stepTasks(spec, state, event, nowMs, effects);
  },
  'starts too many': (spec, state, event, nowMs, effects) =>
    stepTasks({ ...spec, size: spec.size + 1 }, state, event, nowMs, effects),
  'gives too much': (spec, state, event, nowMs, effects) =>
    stepTasks({ ...spec, mostAhead: 100 }, state, event, nowMs, effects),
  'forgets the back-off': (spec, state, event, nowMs, effects) => {
    if (event.type !== 'start') stepTasks(spec, state, event, nowMs, effects);
  },
  'never ends its workers': (spec, state, event, nowMs, effects) => {
    const kept: TasksEffect<Job>[] = [];
    stepTasks(spec, state, event, nowMs, kept);
    effects.push(...kept.filter((effect) => effect.do !== 'end'));
  },
};

describe('a machine is found out that', () => {
  test.each(Object.entries(MUTANTS))('%s', (_what, mutant) => {
    expect(() => {
      for (let seed = 1; seed <= STORIES; seed += 1) story(seed, mutant);
    }).toThrow(/seed/);
  });
});

test('a worker that has as many as it may have gets more when half of them are done', () => {
  const spec: TasksSpec = { size: 1, recycleAfter: Infinity, idleMs: Infinity, mostAhead: 8 };
  const state = newTasksState<Job>();
  const given = (event: TasksEvent<Job>): number => {
    const effects: TasksEffect<Job>[] = [];
    // At one and the same time: the tasks take none.
    stepTasks(spec, state, event, 0, effects);
    return effects.filter((effect) => effect.do === 'give').length;
  };
  for (let id = 0; id < 20; id += 1) {
    given({
      type: 'submit',
      task: {
        ...{ id, retries: 0, mayTry: 1, timeoutMs: Infinity, alone: false },
        ...{ place: 'new', worker: 0, begun: 0, outcomes: [], hasAborted: false },
      },
    });
  }
  const done: TasksEvent<Job> = { type: 'result', worker: 1, failed: false };
  expect(given({ type: 'ready', worker: 1 })).toBe(1);
  const after = Array.from({ length: 20 }, () => given(done));
  expect(after).toEqual([8, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
});
