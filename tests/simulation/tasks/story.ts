/**
 * One life of a run of tasks by a seed: a random graph with caps, locks, processes and a cache; tasks succeed, fail, ignore
 * signals and run out of time, results cannot be put back, somebody stops it, and events of older runs come once more. After
 * every event the invariants are checked against what this world itself knows.
 */
import type { TaskEffect, TaskEvent, TaskOutcome } from '../../../src/core/task/events.ts';
import { graphOf, holdKey, type TaskGraph } from '../../../src/core/task/graph.ts';
import { newTasksState, type TaskRunSpec, type TasksState } from '../../../src/core/task/state.ts';
import type { stepTasks } from '../../../src/core/task/step.ts';
import type { Task, TaskNeed } from '../../../src/core/task/task.ts';
import { taskOf } from '../../helpers/tasks.ts';
import { seeded, type Random } from '../random.ts';

export type Step = typeof stepTasks;

interface Running {
  readonly run: number;
  readonly slot: number;
  heard: 'nothing' | 'SIGTERM' | 'SIGKILL';
  isDeaf: boolean;
  timerMs: number | null;
  timedOut: boolean;
}

/** What the world knows of a task. */
interface Fate {
  at:
    'nowhere' | 'looking' | 'found' | 'restoring' | 'claimed' | 'running' | 'ended' | 'keeping' | 'finished';
  looks: number;
  attempts: number;
  lastStatus: number;
  /** Its result is ours to keep. */
  claims: boolean;
  /** Caps and its lock, which other runs use as well. */
  uses: 'none' | 'asked' | 'lacking' | 'held';
  outcome: TaskOutcome | null;
}

/** Throws with the seed where an invariant is broken. Returns what happened in it, so that a test knows it was seen. */
export function tellStory(seed: number, step: Step): ReadonlySet<string> {
  const story = new Story(seed, step);
  try {
    story.run();
    return story.seen;
  } catch (error) {
    throw new Error(`seed ${String(seed)}: ${String(error)}\n${story.log.slice(-30).join('\n')}`);
  }
}

const MOST_EVENTS = 3000;
const CAPS = new Map([
  ['cpu', 2],
  ['db', 1],
]);

class Story {
  readonly seen = new Set<string>();
  readonly log: string[] = [];
  readonly #random: Random;
  readonly #step: Step;
  readonly #spec: TaskRunSpec;
  readonly #state: TasksState;
  readonly #graph: TaskGraph;
  readonly #fates: Fate[];
  readonly #running = new Map<number, Running>();
  readonly #holds = new Map<string, 'asked' | 'held' | 'failed' | 'released'>();
  readonly #late: TaskEvent[] = [];
  #isFull = false;
  #stopped: 'no' | 'soon' | 'now' | 'kill' = 'no';
  #failed = false;
  #isOver = false;

  constructor(seed: number, step: Step) {
    const random = seeded(seed);
    this.#random = random;
    this.#step = step;
    this.#graph = graphOf(randomTasks(random));
    const cached = this.#graph.map(({ task }) => !task.interactive && random.chance(0.5));
    this.#spec = {
      graph: this.#graph,
      slots: random.between(1, 4),
      continues: random.chance(0.5),
      caps: CAPS,
      looks: (task) => cached[task] === true,
    };
    this.#state = newTasksState(this.#spec);
    this.#fates = this.#graph.map(() => ({
      ...{ at: 'nowhere', looks: 0, attempts: 0, lastStatus: 0, claims: false, uses: 'none', outcome: null },
    }));
  }

  run(): void {
    this.#take({ type: 'begin' });
    for (let events = 0; !this.#isOver; events += 1) {
      check(events < MOST_EVENTS, 'the story does not end');
      const event = this.#next();
      if (event === undefined) throw new Error('nothing can happen any more, and the run is not over');
      this.#take(event);
    }
    for (const event of [...this.#late, { type: 'stop', how: 'now' } as const])
      check(this.#step(this.#spec, this.#state, event).length === 0, 'an effect after the end');
  }

  #take(event: TaskEvent): void {
    this.log.push(JSON.stringify(event));
    for (const effect of this.#step(this.#spec, this.#state, event)) {
      this.log.push(`    ${JSON.stringify(effect)}`);
      this.seen.add(effect.type === 'finish' ? `finish ${effect.outcome.is}` : effect.type);
      check(!this.#isOver, 'an effect after the end');
      this.#perform(effect);
    }
    this.#look();
  }

  /** Chooses among all that may happen now. */
  #next(): TaskEvent | undefined {
    const random = this.#random;
    const may: (() => TaskEvent)[] = [];
    for (const [task, fate] of this.#fates.entries()) {
      if (fate.at === 'looking') may.push(() => this.#found(task, fate));
      if (fate.at === 'restoring') may.push(() => this.#restored(task, fate));
      if (fate.at === 'keeping') may.push(() => ({ type: 'kept', task }));
      if (fate.uses === 'asked' || fate.uses === 'lacking') may.push(() => this.#othersAnswer(task, fate));
    }
    for (const [key, state] of this.#holds) if (state === 'asked') may.push(() => this.#holdEnds(key));
    for (const [task, running] of this.#running) {
      if (!running.isDeaf || running.heard === 'SIGKILL') may.push(() => this.#taskEnds(task, running));
      if (running.timerMs !== null && (running.isDeaf || running.heard !== 'nothing' || random.chance(0.3)))
        may.push(() => this.#timerFires(task, running));
    }
    if (this.#isFull || random.chance(0.03)) may.push(() => this.#outputChanges());
    if (this.#late.length > 0 && random.chance(0.2))
      return this.#late[random.between(0, this.#late.length - 1)];
    const hangs = may.length === 0;
    // Only what ignores signals and has no time limit may hang.
    check(!hangs || this.#running.size > 0, 'nothing can happen any more');
    if (hangs && (this.#stopped === 'now' || this.#stopped === 'kill')) return undefined;
    if (hangs || random.chance(0.01)) return this.#stop(hangs ? 'now' : random.pick(['soon', 'now', 'kill']));
    return may[random.between(0, may.length - 1)]?.();
  }

  #found(task: number, fate: Fate): TaskEvent {
    if (this.#random.chance(0.1)) {
      this.seen.add('awaits');
      return { type: 'awaits', task };
    }
    const found = this.#random.pick<'kept' | 'run' | 'none' | 'joined'>([
      'kept',
      'run',
      'run',
      'none',
      'joined',
    ]);
    fate.at = found === 'kept' ? 'found' : 'claimed';
    fate.claims = found === 'run';
    if (found !== 'joined') return { type: 'looked', task, found };
    fate.lastStatus = 7;
    fate.at = 'ended';
    return { type: 'looked', task, found, status: 7 };
  }

  #restored(task: number, fate: Fate): TaskEvent {
    const isWhole = this.#random.chance(0.7);
    fate.at = isWhole ? 'ended' : 'nowhere';
    return { type: 'restored', task, isWhole };
  }

  #othersAnswer(task: number, fate: Fate): TaskEvent {
    if (fate.uses === 'asked' && this.#random.chance(0.4)) {
      fate.uses = 'lacking';
      this.seen.add('awaits-uses');
      return this.#later({ type: 'awaits-uses', task });
    }
    fate.uses = 'held';
    return { type: 'taken', task };
  }

  #holdEnds(key: string): TaskEvent {
    if (this.#random.chance(0.8)) {
      this.#holds.set(key, 'held');
      return this.#later({ type: 'held', key });
    }
    this.#holds.set(key, 'failed');
    return this.#later({ type: 'not-held', key, reason: 'it fails' });
  }

  #taskEnds(task: number, running: Running): TaskEvent {
    const fate = this.#fate(task);
    const fails =
      running.heard === 'SIGKILL' || this.#random.chance(running.heard === 'nothing' ? 0.15 : 0.7);
    const status = fails ? this.#random.between(1, 9) : 0;
    const { run } = running;
    this.#running.delete(task);
    fate.at = 'ended';
    fate.lastStatus = running.timedOut ? 124 : status;
    if (fails && running.heard === 'nothing' && this.#random.chance(0.1)) {
      fate.lastStatus = 126;
      fate.attempts = Infinity;
      return this.#later({ type: 'refused', task, run, reason: 'no shell' });
    }
    return this.#later({ type: 'ended', task, run, status });
  }

  #timerFires(task: number, running: Running): TaskEvent {
    running.timerMs = null;
    return this.#later({ type: 'timer', task, run: running.run });
  }

  #outputChanges(): TaskEvent {
    this.#isFull = !this.#isFull;
    return { type: 'output', isFull: this.#isFull };
  }

  #stop(how: 'soon' | 'now' | 'kill'): TaskEvent {
    const order = ['no', 'soon', 'now', 'kill'] as const;
    if (order.indexOf(how) > order.indexOf(this.#stopped)) this.#stopped = how;
    this.seen.add(`stop ${how}`);
    return { type: 'stop', how };
  }

  #later<Event extends TaskEvent>(event: Event): Event {
    this.#late.push(event);
    return event;
  }

  #fate(task: number): Fate {
    const fate = this.#fates[task];
    if (fate === undefined) throw new Error(`there is no task ${String(task)}`);
    return fate;
  }

  #taskAt(task: number): Task {
    const node = this.#graph[task];
    if (node === undefined) throw new Error(`there is no task ${String(task)}`);
    return node.task;
  }

  /** Nothing new may begin. */
  get #isClosed(): boolean {
    return this.#stopped !== 'no' || (this.#failed && !this.#spec.continues);
  }

  #needsAreDone(task: number): boolean {
    return (this.#graph[task]?.needs ?? []).every((need) => isGood(this.#fate(need).outcome));
  }

  #perform(effect: TaskEffect): void {
    switch (effect.type) {
      case 'look': {
        const fate = this.#fate(effect.task);
        check(fate.at === 'nowhere' && this.#spec.looks(effect.task), 'looked at twice, or in vain');
        check(!this.#isClosed && this.#needsAreDone(effect.task), 'looked at before its turn');
        check(effect.isAgain === fate.looks > 0, 'a result that cannot be used is asked for once more');
        fate.looks += 1;
        fate.at = 'looking';
        break;
      }
      case 'cancel-look': {
        const fate = this.#fate(effect.task);
        check(fate.at === 'looking' && this.#isClosed, 'a look is cancelled in vain');
        fate.at = 'nowhere';
        break;
      }
      case 'restore': {
        const fate = this.#fate(effect.task);
        check(fate.at === 'found', 'put back without a result');
        check(this.#interactive() === undefined, 'output while a task has the terminal');
        fate.at = 'restoring';
        break;
      }
      case 'hold':
        check(
          !this.#holds.has(effect.key) && !this.#isClosed,
          'a process is asked for twice, or after the end',
        );
        check(this.#isNext(effect.key), 'a process is asked for too early');
        this.#holds.set(effect.key, 'asked');
        break;
      case 'release': {
        const state = this.#holds.get(effect.key);
        check(state === 'asked' || state === 'held', 'a process is released that is not held');
        check(this.#users(effect.key).length === 0, 'a process is released that is needed');
        this.#holds.set(effect.key, 'released');
        break;
      }
      case 'take': {
        const fate = this.#fate(effect.task);
        check(fate.uses === 'none' && this.#hasUses(effect.task), 'asked for twice, or in vain');
        check(!this.#isClosed && this.#needsAreDone(effect.task), 'caps are asked for too early');
        check(this.#interactive() === undefined, 'caps lie idle while a task has the terminal');
        fate.uses = 'asked';
        this.#checkResources();
        break;
      }
      case 'give-back': {
        const fate = this.#fate(effect.task);
        check(fate.uses !== 'none', 'what it does not have is given back');
        check(!this.#running.has(effect.task), 'given back while it runs');
        fate.uses = 'none';
        break;
      }
      case 'start':
        this.#starts(effect);
        break;
      case 'signal':
        this.#signalled(effect);
        break;
      case 'abandon': {
        const running = this.#running.get(effect.task);
        check(running?.heard === 'SIGKILL', 'abandoned before SIGKILL');
        this.#running.delete(effect.task);
        this.#fate(effect.task).at = 'ended';
        this.#fate(effect.task).lastStatus = running?.timedOut === true ? 124 : 137;
        this.#fate(effect.task).attempts = Infinity;
        break;
      }
      case 'set-timer': {
        const running = this.#running.get(effect.task);
        check(running?.run === effect.run && effect.ms > 0, 'a timer for a task that does not run');
        if (running) running.timerMs = effect.ms;
        break;
      }
      case 'clear-timer':
        break;
      case 'retry': {
        const fate = this.#fate(effect.task);
        check(fate.at === 'ended' && fate.lastStatus !== 0, 'tried again without having failed');
        check(effect.status === fate.lastStatus, 'the status is another one');
        check(fate.attempts <= this.#taskAt(effect.task).retries, 'tried more often than asked for');
        check(!this.#isClosed, 'tried again after the end');
        fate.at = 'claimed';
        break;
      }
      case 'keep': {
        const fate = this.#fate(effect.task);
        check(fate.at === 'ended' && fate.lastStatus === 0 && fate.claims, 'a result is kept that is none');
        fate.at = 'keeping';
        fate.claims = false;
        break;
      }
      case 'drop': {
        const fate = this.#fate(effect.task);
        check(fate.claims, 'dropped without a claim');
        fate.claims = false;
        break;
      }
      case 'finish':
        this.#finishes(effect.task, effect.outcome);
        break;
      case 'end':
        this.#ends();
        break;
    }
  }

  #starts({ task, run, slot }: Extract<TaskEffect, { type: 'start' }>): void {
    const fate = this.#fate(task);
    const { timeoutMs, interactive, command } = this.#taskAt(task);
    check(command !== undefined, 'a task without a command is run');
    check(!this.#running.has(task), 'two runs of a task');
    check(
      fate.at === (this.#spec.looks(task) || fate.attempts > 0 ? 'claimed' : 'nowhere') ||
        this.#mayRunUncached(fate),
      `started when ${fate.at}`,
    );
    check(!this.#isClosed && !this.#isFull, 'started when nothing is to be started');
    check(this.#needsAreDone(task), 'started before what it needs');
    for (const need of this.#graph[task]?.processes ?? [])
      check(this.#holds.get(holdKey(need)) === 'held', 'started without its processes');
    check(!this.#hasUses(task) || fate.uses === 'held', 'started without its caps and its lock');
    if (interactive) {
      check(slot === 0 && this.#running.size === 0, 'not alone on the terminal');
      check(!this.#fates.some(({ at }) => at === 'restoring'), 'not alone on the terminal');
    } else {
      check(slot >= 1 && slot <= this.#spec.slots, 'a slot that does not exist');
      check(![...this.#running.values()].some((one) => one.slot === slot), 'the slot is not free');
      check(this.#interactive() === undefined, 'started while a task has the terminal');
    }
    fate.at = 'running';
    fate.attempts += 1;
    const isDeaf = this.#random.chance(0.1);
    this.#running.set(task, { run, slot, heard: 'nothing', isDeaf, timerMs: null, timedOut: false });
    check(this.#running.size <= this.#spec.slots, 'too many at once');
    if (timeoutMs !== undefined) this.seen.add('time limit');
  }

  /** Its result could not be put back twice. */
  #mayRunUncached = (fate: Fate): boolean => fate.at === 'nowhere' && fate.looks === 2;

  #hasUses(task: number): boolean {
    const { uses, lock } = this.#taskAt(task);
    return uses.length > 0 || lock !== undefined;
  }

  #checkResources(): void {
    const used = new Map<string, number>();
    const locks = new Set<string>();
    for (const [task, fate] of this.#fates.entries()) {
      if (fate.uses === 'none') continue;
      const { uses, lock } = this.#taskAt(task);
      for (const { cap, amount } of uses) used.set(cap, (used.get(cap) ?? 0) + amount);
      if (lock === undefined) continue;
      check(!locks.has(lock), 'two tasks hold a lock');
      locks.add(lock);
    }
    for (const [cap, amount] of used) check(amount <= (CAPS.get(cap) ?? 0), 'more than a cap allows');
  }

  #interactive(): number | undefined {
    return [...this.#running.keys()].find((task) => this.#taskAt(task).interactive);
  }

  #signalled({ task, signal, slot }: Extract<TaskEffect, { type: 'signal' }>): void {
    const running = this.#running.get(task);
    check(running?.slot === slot, 'a signal for a task that does not run');
    if (running === undefined) return;
    if (this.#stopped === 'no' || this.#stopped === 'soon') running.timedOut = true;
    if (signal === 'SIGTERM') check(running.heard === 'nothing', 'SIGTERM twice');
    else check(running.heard === 'SIGTERM' || this.#stopped === 'kill', 'SIGKILL without SIGTERM');
    check(running.heard !== 'SIGKILL', 'SIGKILL twice');
    running.heard = signal;
    running.timerMs = null;
  }

  #finishes(task: number, outcome: TaskOutcome): void {
    const fate = this.#fate(task);
    check(fate.at !== 'finished' && fate.at !== 'running', `finished when ${fate.at}`);
    check(!fate.claims, 'a claim is kept for ever');
    check(fate.uses === 'none', 'caps and a lock are kept for ever');
    switch (outcome.is) {
      case 'succeeded':
        check(this.#needsAreDone(task), 'succeeded before what it needs');
        if (this.#taskAt(task).command !== undefined) {
          check(fate.lastStatus === 0 && (fate.at === 'ended' || fate.at === 'keeping'), 'no success');
          check(!this.#spec.looks(task) || fate.at === 'keeping' || fate.looks > 0, 'a result is not kept');
        }
        break;
      case 'cached':
        check(fate.at === 'ended' && fate.looks > 0, 'cached without a result');
        break;
      case 'failed':
        if (outcome.why === 'process')
          check(
            (this.#graph[task]?.processes ?? []).some((need) => this.#holds.get(holdKey(need)) === 'failed'),
            'blamed on a process that has not failed',
          );
        else check(fate.at === 'ended' && outcome.status === fate.lastStatus, 'the status is another one');
        if (outcome.why === 'status' && this.#stopped === 'no' && (!this.#failed || this.#spec.continues))
          check(fate.attempts > this.#taskAt(task).retries, 'given up too early');
        this.#failed = true;
        break;
      case 'skipped':
        check(this.#fate(outcome.because).outcome?.is === 'failed', 'skipped for one that has not failed');
        check(this.#dependsOn(task, outcome.because), 'skipped for one that it does not need');
        check(fate.at === 'nowhere', 'skipped although it has begun');
        break;
      case 'not-run':
        check(this.#isClosed && fate.at !== 'looking', 'left out without a reason, or while it is looked at');
        break;
      case 'stopped':
        check(this.#stopped === 'now' || this.#stopped === 'kill', 'stopped without a request');
        check(fate.at === 'ended', 'stopped although it did not run');
        break;
    }
    fate.at = 'finished';
    fate.outcome = outcome;
  }

  #dependsOn(task: number, other: number): boolean {
    return (this.#graph[task]?.needs ?? []).some((need) => need === other || this.#dependsOn(need, other));
  }

  /** Tasks that are not over and need the process. */
  #users(key: string): readonly number[] {
    return this.#graph.flatMap(({ processes }, task) =>
      this.#fate(task).at !== 'finished' && processes.some((need) => holdKey(need) === key) ? [task] : [],
    );
  }

  /** A task that needs it can begin, but for its processes. */
  #isNext(key: string): boolean {
    return this.#users(key).some((task) => {
      const { at, looks } = this.#fate(task);
      return (
        this.#needsAreDone(task) &&
        (at === 'claimed' || (at === 'nowhere' && (!this.#spec.looks(task) || looks === 2)))
      );
    });
  }

  #ends(): void {
    this.#isOver = true;
    check(this.#running.size === 0, 'over while something runs');
    for (const [task, { at }] of this.#fates.entries())
      check(at === 'finished', `task ${String(task)} is ${at} in the end`);
    for (const state of this.#holds.values())
      check(state === 'released' || state === 'failed', 'a process is held for ever');
  }

  #isLookedAt(task: number): boolean {
    return this.#taskAt(task).command !== undefined && this.#needsAreDone(task);
  }

  /** Between two events. */
  #look(): void {
    if (this.#isOver) return;
    for (const { heard, timerMs } of this.#running.values()) {
      const mustHaveHeard = this.#stopped === 'now' || this.#stopped === 'kill';
      check(!mustHaveHeard || heard !== 'nothing', 'left running after a stop');
      check(this.#stopped !== 'kill' || heard === 'SIGKILL', 'not killed');
      check(heard === 'nothing' || timerMs !== null, 'a stop without a time limit');
    }
    for (const [task, { heard, timerMs }] of this.#running)
      check(
        heard !== 'nothing' || this.#taskAt(task).timeoutMs === undefined || timerMs !== null,
        'a task without its time limit',
      );
    for (const [key, state] of this.#holds)
      check(
        (state !== 'held' && state !== 'asked') || this.#users(key).length > 0,
        'a process is held in vain',
      );
    this.#checkProgress();
  }

  /** A slot is free, and a task has all that it needs: then it is to be running. */
  #checkProgress(): void {
    if (this.#isClosed || this.#isFull || this.#running.size >= this.#spec.slots) return;
    const ready = this.#graph.filter(({ task, processes }, index) => {
      const { at, attempts, looks } = this.#fate(index);
      const isReady = at === 'claimed' || (at === 'nowhere' && !this.#spec.looks(index) && attempts === 0);
      return (
        (isReady || (at === 'nowhere' && looks === 2)) &&
        task.command !== undefined &&
        this.#needsAreDone(index) &&
        processes.every((need) => this.#holds.get(holdKey(need)) === 'held')
      );
    });
    const usesOf = (name: string): Fate['uses'] =>
      this.#fate(this.#graph.findIndex(({ task }) => task.name === name)).uses;
    const nobodyUses = this.#fates.every(({ uses }) => uses === 'none');
    const startable = ready.filter(
      ({ task: { uses, lock, name } }) =>
        usesOf(name) === 'held' || (uses.length === 0 && lock === undefined) || nobodyUses,
    );
    const isAlone = startable.some(({ task }) => task.interactive) || this.#interactive() !== undefined;
    const isRestoring = this.#fates.some(({ at }) => at === 'restoring');
    if (isAlone) check(this.#running.size > 0 || isRestoring, 'a task waits for a terminal that is free');
    else check(startable.length === 0, 'a slot is free and a task waits');
    const isBusy = this.#fates.some(
      ({ at, uses }) => at === 'looking' || (at === 'claimed' && uses !== 'lacking'),
    );
    const toLook = this.#fates.some(
      ({ at, looks }, index) =>
        at === 'nowhere' && looks === 0 && this.#spec.looks(index) && this.#isLookedAt(index),
    );
    check(isBusy || !toLook, 'the cache is not asked because of what other runs use');
  }
}

const isGood = (outcome: TaskOutcome | null): boolean =>
  outcome?.is === 'succeeded' || outcome?.is === 'cached';

function randomTasks(random: Random): readonly Task[] {
  const count = random.between(1, 12);
  const density = random.pick([0.1, 0.3, 0.5]);
  return Array.from({ length: count }).map((_nothing, index) => {
    const task = taskOf({ name: `t${String(index)}`, retries: random.pick([0, 0, 1, 2]) });
    const needs: TaskNeed[] = [];
    for (let other = 0; other < index; other += 1)
      if (random.chance(density / (1 + index / 4)))
        needs.push({ kind: 'task', name: `t${String(other)}`, place: task.place });
    for (const name of ['db', 'web'])
      if (random.chance(0.15))
        needs.push({ kind: 'process', name, until: random.pick(['ready', 'started']), place: task.place });
    const isGroup = random.chance(0.1) && needs.every(({ kind }) => kind === 'task');
    const { command, ...base } = task;
    return {
      ...{ ...base, needs, interactive: random.chance(0.1) },
      ...(!isGroup && command !== undefined && { command }),
      uses: random.chance(0.3) ? [{ cap: random.pick(['cpu', 'db']), amount: 1 }] : [],
      ...(random.chance(0.2) && { lock: 'deploy' }),
      ...(random.chance(0.3) && { timeoutMs: 100 }),
    };
  });
}

function check(holds: boolean, rule: string): void {
  if (!holds) throw new Error(rule);
}
