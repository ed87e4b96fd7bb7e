/**
 * One life of a pool by a seed: jobs come late or never, succeed, fail, ignore signals and run out of time, results are read
 * slowly, somebody stops it, and events of older runs come once more. After every event the invariants are checked.
 */
import type { Halt, PoolSpec } from '../../../src/core/pool/pool-spec.ts';
import { isReached } from '../../../src/core/pool/halt.ts';
import { newPool, type PoolState } from '../../../src/core/pool/state.ts';
import type { PoolEffect, PoolEvent } from '../../../src/core/pool/events.ts';
import type { stepPool } from '../../../src/core/pool/step.ts';
import { seeded, type Random } from '../random.ts';

export type Step = typeof stepPool;

/** What the world knows of a job that runs. */
interface Running {
  readonly seq: number;
  readonly run: number;
  heard: 'nothing' | 'SIGTERM' | 'SIGKILL';
  isDeaf: boolean;
  hasTimer: boolean;
  /** It was signalled because of its own time limit. */
  timedOut: boolean;
}

interface Fate {
  attempts: number;
  lastFailed: boolean;
  state: 'came' | 'running' | 'ended' | 'finished' | 'dropped';
  isDelivered: boolean;
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

const MOST_EVENTS = 2000;

class Story {
  readonly seen = new Set<string>();
  readonly log: string[] = [];
  readonly #random: Random;
  readonly #step: Step;
  readonly #spec: PoolSpec;
  readonly #state: PoolState;
  readonly #gated: boolean;
  /** How many jobs come before the input ends; it may never end. */
  readonly #total: number;
  readonly #inputHangs: boolean;
  readonly #running = new Map<number, Running>();
  readonly #lostSlots = new Set<number>();
  readonly #fates = new Map<number, Fate>();
  readonly #late: PoolEvent[] = [];
  #came = 0;
  #awaited = 0;
  #sourceEnded = false;
  /** Between two starts. */
  #delay = false;
  #hasDelayTimer = false;
  #gate: 'shut' | 'asked' | 'passed' = 'shut';
  #isFull = false;
  #stopped: 'no' | 'soon' | 'now' | 'kill' = 'no';
  #done = 0;
  #failed = 0;
  #lastDelivered = 0;
  #isOver = false;

  constructor(seed: number, step: Step) {
    const random = seeded(seed);
    this.#random = random;
    this.#step = step;
    this.#spec = {
      slots: random.between(1, 4),
      attempts: random.pick([1, 1, 2, 3]),
      timeout: random.pick([null, null, { ms: 100 }, { timesMedian: 2 }]),
      delayMs: random.pick([0, 0, 0, 10]),
      halt: random.chance(0.4) ? haltOf(random) : null,
      keepOrder: random.chance(0.5),
    };
    this.#gated = random.chance(0.2);
    this.#state = newPool(this.#spec, { gated: this.#gated });
    this.#total = random.between(0, 24);
    this.#inputHangs = random.chance(0.1);
  }

  run(): void {
    this.#take({ type: 'output', isFull: false });
    for (let events = 0; !this.#isOver; events += 1) {
      check(events < MOST_EVENTS, 'the story does not end');
      const event = this.#next();
      if (event === undefined) throw new Error('nothing can happen any more, and the pool is not over');
      this.#take(event);
    }
    for (const event of [...this.#late, { type: 'stop', how: 'now' } as const]) {
      check(this.#step(this.#spec, this.#state, event).length === 0, 'an effect after the end');
    }
  }

  #take(event: PoolEvent): void {
    this.log.push(JSON.stringify(event));
    const effects = this.#step(this.#spec, this.#state, event);
    for (const effect of effects) {
      this.log.push(`    ${JSON.stringify(effect)}`);
      this.seen.add(effect.type);
      check(!this.#isOver, 'an effect after the end');
      this.#perform(effect);
    }
    this.#look();
  }

  /** Chooses among all that may happen now. */
  #next(): PoolEvent | undefined {
    const random = this.#random;
    const may: (() => PoolEvent)[] = [];
    const mayCome = this.#awaited > 0 && !this.#sourceEnded;
    if (mayCome && this.#came < this.#total) may.push(() => this.#jobComes());
    else if (mayCome && !this.#inputHangs) may.push(() => this.#sourceEnds());
    for (const [slot, running] of this.#running) {
      if (!running.isDeaf || running.heard === 'SIGKILL') may.push(() => this.#jobEnds(slot, running));
      if (running.hasTimer && (running.heard !== 'nothing' || random.chance(0.3) || running.isDeaf)) {
        may.push(() => this.#timerFires(slot, running));
      }
      if (random.chance(0.01)) may.push(() => this.#slotIsLost(slot, running));
    }
    if (this.#hasDelayTimer) may.push(() => this.#delayEnds());
    if (this.#gate === 'asked') may.push(() => this.#gatePasses());
    if (this.#isFull || random.chance(0.05)) may.push(() => this.#outputChanges());
    const late = this.#late.length > 0 && random.chance(0.2) ? random.between(0, this.#late.length - 1) : -1;
    if (late >= 0) return this.#late[late];
    const hangs = may.length === 0;
    if (random.chance(0.015) || hangs) {
      const isLast = this.#stopped === 'kill' || (this.#stopped === 'now' && this.#running.size === 0);
      if (hangs && isLast) return undefined;
      return this.#stop(hangs ? 'now' : random.pick(['soon', 'now', 'kill']));
    }
    return may[random.between(0, may.length - 1)]?.();
  }

  #jobComes(): PoolEvent {
    this.#awaited -= 1;
    this.#came += 1;
    this.#fates.set(this.#came, { attempts: 0, lastFailed: false, state: 'came', isDelivered: false });
    return { type: 'job', seq: this.#came };
  }

  #sourceEnds(): PoolEvent {
    this.#sourceEnded = true;
    return { type: 'source-ended' };
  }

  #jobEnds(slot: number, { seq, run, heard, timedOut }: Running): PoolEvent {
    const fails = heard === 'SIGKILL' || this.#random.chance(heard === 'nothing' ? 0.3 : 0.8);
    const status = fails ? (heard === 'SIGKILL' ? 137 : this.#random.between(1, 9)) : 0;
    const event = { type: 'ended', slot, run, status, runtimeMs: this.#random.between(1, 50) } as const;
    this.#end(slot, seq, fails || timedOut);
    this.#late.push(event);
    return event;
  }

  #end(slot: number, seq: number, fails: boolean): void {
    const fate = this.#fate(seq);
    this.#running.delete(slot);
    fate.state = 'ended';
    fate.attempts += 1;
    fate.lastFailed = fails;
  }

  #timerFires(slot: number, running: Running): PoolEvent {
    running.hasTimer = false;
    const event = { type: 'slot-timer', slot, run: running.run } as const;
    this.#late.push(event);
    return event;
  }

  #slotIsLost(slot: number, { seq, run }: Running): PoolEvent {
    this.seen.add('slot-lost');
    this.#running.delete(slot);
    this.#lostSlots.add(slot);
    this.#fate(seq).state = 'came';
    return { type: 'slot-lost', slot, run };
  }

  #delayEnds(): PoolEvent {
    this.#delay = this.#hasDelayTimer = false;
    return { type: 'delay-over' };
  }

  #gatePasses(): PoolEvent {
    this.#gate = 'passed';
    return { type: 'gate-passed' };
  }

  #outputChanges(): PoolEvent {
    this.#isFull = !this.#isFull;
    return { type: 'output', isFull: this.#isFull };
  }

  #stop(how: 'soon' | 'now' | 'kill'): PoolEvent {
    const order = ['no', 'soon', 'now', 'kill'] as const;
    if (order.indexOf(how) > order.indexOf(this.#stopped)) this.#stopped = how;
    this.seen.add(`stop ${how}`);
    return { type: 'stop', how };
  }

  #fate(seq: number): Fate {
    const fate = this.#fates.get(seq);
    if (fate === undefined) throw new Error(`job ${String(seq)} has never come`);
    return fate;
  }

  #perform(effect: PoolEffect): void {
    switch (effect.type) {
      case 'pull':
        check(effect.count > 0 && !this.#sourceEnded && this.#stopped === 'no', 'a job is asked for in vain');
        this.#awaited += effect.count;
        break;
      case 'start':
        this.#starts(effect);
        break;
      case 'signal':
        this.#signalled(effect);
        break;
      case 'abandon': {
        const running = this.#running.get(effect.slot);
        check(running?.heard === 'SIGKILL', 'abandoned before SIGKILL');
        if (running) this.#end(effect.slot, running.seq, true);
        break;
      }
      case 'set-timer': {
        const running = this.#running.get(effect.slot);
        check(running?.run === effect.run && effect.ms >= 0, 'a timer for a job that does not run');
        if (running) running.hasTimer = true;
        break;
      }
      case 'clear-timer':
        break;
      case 'set-delay':
        this.#hasDelayTimer = true;
        break;
      case 'ask-gate':
        check(this.#gated && this.#gate === 'shut', 'the gate is asked twice');
        this.#gate = 'asked';
        break;
      case 'retry': {
        const fate = this.#fate(effect.seq);
        check(fate.state === 'ended' && fate.lastFailed, 'tried again without having failed');
        check(fate.attempts < this.#spec.attempts, 'tried more often than asked for');
        check(this.#stopped === 'no', 'tried again after a stop');
        fate.state = 'came';
        break;
      }
      case 'finish':
        this.#finishes(effect);
        break;
      case 'drop': {
        const fate = this.#fate(effect.seq);
        check(fate.state === 'came' || fate.state === 'ended', `dropped when ${fate.state}`);
        check(fate.state === 'came' || fate.lastFailed, 'a job that has succeeded is told as not done');
        check(this.#stopped !== 'no' || this.#lostSlots.size === this.#spec.slots, 'dropped without a stop');
        fate.state = 'dropped';
        break;
      }
      case 'deliver': {
        const fate = this.#fate(effect.seq);
        check(fate.state === 'finished' && !fate.isDelivered, 'delivered without a result, or twice');
        if (this.#spec.keepOrder) check(effect.seq > this.#lastDelivered, 'delivered out of order');
        this.#lastDelivered = effect.seq;
        fate.isDelivered = true;
        break;
      }
      case 'end':
        this.#ends();
        break;
    }
  }

  #starts({ slot, run, seq }: Extract<PoolEffect, { type: 'start' }>): void {
    check(slot >= 1 && slot <= this.#spec.slots, 'a slot that does not exist');
    check(!this.#running.has(slot) && !this.#lostSlots.has(slot), 'the slot is not free');
    check(this.#stopped === 'no', 'started after a stop');
    check(!this.#delay && !this.#isFull, 'started while it is to wait');
    if (this.#gated) {
      check(this.#gate === 'passed', 'started without the gate');
      this.#gate = 'shut';
    }
    this.#delay = this.#spec.delayMs > 0;
    const fate = this.#fate(seq);
    check(fate.state === 'came', `started when ${fate.state}`);
    fate.state = 'running';
    const isDeaf = this.#random.chance(0.1);
    this.#running.set(slot, { seq, run, heard: 'nothing', isDeaf, hasTimer: false, timedOut: false });
    check(this.#running.size <= this.#spec.slots, 'too many at once');
  }

  #signalled({ slot, seq, signal }: Extract<PoolEffect, { type: 'signal' }>): void {
    const running = this.#running.get(slot);
    check(running?.seq === seq, 'a signal for a job that does not run');
    if (running === undefined) return;
    if (this.#stopped === 'no' || this.#stopped === 'soon') running.timedOut = true;
    if (signal === 'SIGTERM') check(running.heard === 'nothing', 'SIGTERM twice');
    else check(running.heard === 'SIGTERM' || this.#stopped === 'kill', 'SIGKILL without SIGTERM');
    check(running.heard !== 'SIGKILL', 'SIGKILL twice');
    running.heard = signal;
    running.hasTimer = false;
  }

  #finishes({ seq, attempts }: Extract<PoolEffect, { type: 'finish' }>): void {
    const fate = this.#fate(seq);
    check(fate.state === 'ended', `finished when ${fate.state}`);
    check(attempts === fate.attempts, 'the attempts are miscounted');
    const mayTryAgain = fate.lastFailed && fate.attempts < this.#spec.attempts && this.#stopped === 'no';
    check(!mayTryAgain, 'given up too early');
    fate.state = 'finished';
    this.#done += 1;
    if (fate.lastFailed) this.#failed += 1;
    const { halt } = this.#spec;
    const counts = { done: this.#done, failed: this.#failed, notDone: 0 };
    if (halt === null || !isReached(halt, counts, fate.lastFailed)) return;
    this.seen.add('halt');
    if (this.#stopped === 'no' || (this.#stopped === 'soon' && this.#state.halted === null)) {
      this.#stopped = halt.when === 'now' ? 'now' : this.#stopped === 'no' ? 'soon' : this.#stopped;
    }
  }

  #ends(): void {
    this.#isOver = true;
    check(this.#running.size === 0, 'over while something runs');
    for (const [seq, fate] of this.#fates) {
      const isTold = fate.state === 'dropped' || (fate.state === 'finished' && fate.isDelivered);
      check(isTold, `job ${String(seq)} is ${fate.state} in the end`);
    }
    const { done, failed, notDone } = this.#state.counts;
    check(done === this.#done && failed === this.#failed, 'the results are miscounted');
    check(done + notDone === this.#came, 'a job is counted twice or not at all');
    const isEarly = this.#stopped !== 'no' || this.#lostSlots.size === this.#spec.slots;
    check(isEarly || this.#sourceEnded, 'over before the input');
  }

  /** Between two events. */
  #look(): void {
    if (this.#isOver) return;
    for (const { heard } of this.#running.values()) {
      const mustHaveHeard = this.#stopped === 'now' || this.#stopped === 'kill';
      check(!mustHaveHeard || heard !== 'nothing', 'left running after a stop');
      check(
        this.#stopped !== 'kill' || heard === 'SIGKILL' || this.#state.phase !== 'stopping',
        'not killed',
      );
    }
    for (const running of this.#running.values()) {
      check(running.heard === 'nothing' || running.hasTimer, 'a stop without a time limit');
      const isTimed = this.#spec.timeout !== null && 'ms' in this.#spec.timeout;
      check(!isTimed || running.hasTimer, 'a job without its time limit');
    }
    const ready = [...this.#fates.values()].filter(({ state }) => state === 'came').length;
    check(ready + this.#awaited <= 2 * this.#spec.slots + this.#spec.slots, 'too far ahead of the slots');
    const isOpen = this.#stopped === 'no' && !this.#sourceEnded;
    check(!isOpen || ready + this.#awaited >= this.#spec.slots, 'too few jobs are asked for');
    const mayStart = this.#stopped === 'no' && !this.#delay && !this.#isFull && !this.#gated;
    const free = this.#spec.slots - this.#running.size - this.#lostSlots.size;
    check(!mayStart || ready === 0 || free === 0, 'a slot is free and a job waits');
  }
}

function haltOf(random: Random): Halt {
  return {
    when: random.pick(['now', 'soon']),
    on: random.pick(['fail', 'success', 'done']),
    limit: random.chance(0.6) ? { jobs: random.between(1, 5) } : { share: random.pick([0.3, 0.6, 0.9]) },
  };
}

function check(holds: boolean, rule: string): void {
  if (!holds) throw new Error(rule);
}
