/**
 * A seeded life of one queue: readers that die, a disk that is full, a supervisor that is killed at any point. The store
 * applies what was written, in order; everything else is watched from outside.
 */
import type { Change, LeaseId, NewMessage, QueueEffect } from '../../../src/core/exchange/queue/events.ts';
import type { createQueue, Queue } from '../../../src/core/exchange/queue/queue.ts';
import type { QueueRules } from '../../../src/core/exchange/queue/rules.ts';
import { seeded, type Random } from '../random.ts';
import { ModelStore } from './model-store.ts';

export type CreateQueue = typeof createQueue;

interface Delivery extends LeaseId {
  readonly holder: number;
  readonly untilMs: number;
}

interface Asked {
  readonly kind: 'put' | 'get' | 'end';
  readonly items?: readonly NewMessage[];
  readonly holder?: number;
  readonly leaseMs?: number;
  readonly untilMs?: number;
  readonly leases?: readonly LeaseId[];
  readonly isAck?: boolean;
}

const BACKOFF_MS = 100;
const HOLDERS = 3;

export class Story {
  readonly #random: Random;
  readonly #create: CreateQueue;
  readonly #store = new ModelStore();
  readonly #rules: QueueRules;
  #queue: Queue;
  #nowMs = 0;
  #lastSeq = 0;
  #lastTicket = 0;
  /** Not written yet, in order. `write` undefined: nobody waits. */
  #unwritten: { readonly write: number | undefined; readonly changes: readonly Change[] }[] = [];
  #asked = new Map<number, Asked>();
  readonly #deliveries = new Map<number, Delivery>();
  /** Answered puts that are not finished. */
  readonly #owed = new Set<number>();
  readonly #finished = new Set<number>();
  readonly #dead = new Set<number>();
  /** By number: runs that began, and that were excused; when the next may begin. */
  readonly #runs = new Map<number, { begun: number; excused: number; notBeforeMs: number }>();
  readonly #limits = new Map<number, number>();
  readonly #plain = new Set<number>();
  #lastPlain = 0;
  #delivered = 0;
  /** Dead letters that were made ready again: they need no room. */
  #retried = 0;

  constructor(seed: number, create: CreateQueue) {
    this.#random = seeded(seed);
    this.#create = create;
    this.#rules = {
      maxsize: this.#random.chance(0.3) ? this.#random.between(2, 12) : null,
      attempts: this.#random.between(1, 4),
      ...{ backoffMs: BACKOFF_MS, maxMessageBytes: 1 },
    };
    this.#queue = this.#open();
  }

  run(steps: number): void {
    for (let step = 0; step < steps; step += 1) {
      this.#act();
      this.#check();
    }
    this.#finish();
  }

  get delivered(): number {
    return this.#delivered;
  }

  // ---- What happens ----------------------------------------------------------------------------------------------

  #act(): void {
    const what = this.#random.between(0, 99);
    if (what < 22) this.#put();
    else if (what < 44) this.#get();
    else if (what < 58) this.#end();
    else if (what < 80) this.#flush(this.#random.chance(0.9));
    else if (what < 90) this.#pass(this.#random.between(0, 150));
    else if (what < 94) this.#endHolder(this.#random.between(1, HOLDERS));
    else if (what < 96) this.#crash();
    else if (what < 98) this.#late();
    else this.#retry();
  }

  #put(): void {
    const items = Array.from({ length: this.#random.between(1, 3) }, () => this.#message());
    this.#ask({ kind: 'put', items, holder: 1 }, (ticket) =>
      this.#queue.put(ticket, { items, holder: null }, this.#random.chance(0.5), this.#nowMs),
    );
  }

  #message(): NewMessage {
    const random = this.#random;
    return {
      ...{ body: 'x', bytes: 1 },
      ...(random.chance(0.2) && { priority: random.between(-1, 1) }),
      ...(random.chance(0.2) && { delayMs: random.between(1, 200) }),
      ...(random.chance(0.2) && {
        key: random.pick(['a', 'b']),
        onTaken: random.pick(['keep', 'replace'] as const),
      }),
      ...(random.chance(0.1) && { attempts: random.between(1, 3) }),
    };
  }

  #get(): void {
    const holder = this.#random.between(1, HOLDERS);
    const leaseMs = this.#random.chance(0.5) ? Infinity : this.#random.between(50, 300);
    const untilMs = this.#nowMs + this.#random.pick([0, 100, Infinity]);
    const most = this.#random.between(1, 3);
    this.#ask({ kind: 'get', holder, leaseMs, untilMs }, (ticket) =>
      this.#queue.get(ticket, { most, holder, leaseMs }, untilMs, this.#nowMs),
    );
  }

  #end(): void {
    const all = [...this.#deliveries.values()].filter(({ seq }) => !this.#isEnding(seq));
    const first = all[this.#random.between(0, Math.max(0, all.length - 1))];
    if (first === undefined) return;
    const leases = this.#random.chance(0.3) ? all.slice(0, 2) : [first];
    const isAck = this.#random.chance(0.6);
    const again = this.#random.chance(0.3);
    if (!isAck)
      for (const { seq } of leases) {
        this.#endRun(seq, again);
        this.#deliveries.delete(seq);
      }
    this.#ask({ kind: 'end', leases, isAck }, (ticket) => {
      if (isAck) this.#queue.ack(ticket, leases);
      else this.#queue.nack(ticket, leases, { failure: 'x', again }, this.#nowMs);
    });
  }

  /** The end of a run that is not the last one of its message must be refused. */
  #late(): void {
    for (const [seq, { begun }] of this.#runs) {
      if (begun < 2 || this.#finished.has(seq) || !this.#deliveries.has(seq)) continue;
      const leases = [{ seq, attempt: begun - 1 }];
      this.#ask({ kind: 'end', leases: [], isAck: true }, (ticket) => this.#queue.ack(ticket, leases));
      return;
    }
  }

  #retry(): void {
    const seqs = [...this.#dead].filter((seq) => this.#queue.stateOf(seq)?.place === 'dead');
    if (seqs.length === 0) return;
    for (const seq of seqs) {
      this.#dead.delete(seq);
      this.#retried += 1;
      this.#runs.set(seq, { begun: 0, excused: 0, notBeforeMs: 0 });
    }
    // All of it at once: a crash in between would bring back what it was before.
    this.#ask({ kind: 'end', leases: [] }, (ticket) => this.#queue.retry(ticket, seqs));
    this.#flush(true);
  }

  #endHolder(holder: number): void {
    this.#plain.clear();
    for (const one of [...this.#deliveries.values()]) {
      if (one.holder !== holder) continue;
      this.#deliveries.delete(one.seq);
      if (!this.#isEnding(one.seq)) this.#endRun(one.seq, false);
    }
    this.#queue.endHolder(holder, this.#nowMs);
  }

  #pass(ms: number): void {
    this.#nowMs += ms;
    for (const one of [...this.#deliveries.values()]) {
      if (one.untilMs > this.#nowMs) continue;
      this.#deliveries.delete(one.seq);
      if (!this.#isEnding(one.seq)) this.#endRun(one.seq, false);
    }
    if (this.#random.chance(0.8)) this.#queue.wake(this.#nowMs);
    else this.#queue.sweep(this.#nowMs);
  }

  #isEnding(seq: number): boolean {
    return [...this.#asked.values()].some(
      ({ isAck, leases = [] }) => isAck && leases.some((one) => one.seq === seq),
    );
  }

  #crash(): void {
    this.#unwritten = [];
    this.#asked.clear();
    this.#deliveries.clear();
    this.#queue = this.#open();
    // Only the store knows whether an unanswered request was done.
    for (const seq of [...this.#runs.keys()]) {
      const row = this.#store.rows.get(seq);
      if (row === undefined) this.#owed.delete(seq);
      else this.#runs.set(seq, { begun: row.attempts, excused: row.excused, notBeforeMs: 0 });
    }
  }

  #open(): Queue {
    const queue = this.#create({
      rules: this.#rules,
      takeSeq: () => (this.#lastSeq += 1),
      emit: (effect) => this.#hear(effect),
    });
    queue.load(this.#store.found(), this.#nowMs);
    return queue;
  }

  #flush(isDone: boolean): void {
    // What was about to be given out goes back, and others may have been given out already.
    if (!isDone) this.#plain.clear();
    const all = this.#unwritten;
    this.#unwritten = [];
    for (const { changes } of all) if (isDone) this.#store.apply(changes);
    for (const { write } of all) if (write !== undefined) this.#queue.written(write, isDone, this.#nowMs);
  }

  // ---- What is seen ----------------------------------------------------------------------------------------------

  #ask(asked: Asked, ask: (ticket: number) => void): void {
    const ticket = (this.#lastTicket += 1);
    this.#asked.set(ticket, asked);
    ask(ticket);
  }

  #hear(effect: QueueEffect): void {
    switch (effect.type) {
      case 'write':
        this.#unwritten.push({ write: effect.write, changes: effect.changes });
        return;
      case 'note':
        this.#unwritten.push({ write: undefined, changes: effect.changes });
        return;
      case 'died':
        this.#dead.add(effect.seq);
        return;
      case 'put': {
        const { items = [] } = this.#answered(effect.ticket);
        for (const [index, { seq, isNew }] of effect.results.entries()) {
          // The key of one that is not new may be of a message whose end was written in the same turn.
          if (isNew && !this.#store.rows.has(seq)) fail(`${String(seq)} was answered and is not stored`);
          if (isNew) this.#admit(seq, items[index]);
        }
        return;
      }
      case 'give': {
        const { holder = 0, leaseMs = 0 } = this.#answered(effect.ticket);
        for (const one of effect.given) this.#begin({ ...one, holder, untilMs: this.#nowMs + leaseMs });
        return;
      }
      case 'done': {
        const { leases = [], isAck } = this.#answered(effect.ticket);
        for (const [index, { seq }] of leases.entries()) {
          if (effect.lost.includes(index) || isAck !== true) continue;
          this.#deliveries.delete(seq);
          this.#finished.add(seq);
          this.#owed.delete(seq);
          this.#dead.delete(seq);
          if (this.#store.rows.has(seq)) fail(`${String(seq)} was acknowledged and is still stored`);
        }
        return;
      }
      case 'refuse':
        this.#refused(this.#answered(effect.ticket));
        return;
    }
  }

  #answered(ticket: number): Asked {
    const asked = this.#asked.get(ticket);
    if (asked === undefined) return fail(`${String(ticket)} is answered, and was not asked or was answered`);
    this.#asked.delete(ticket);
    return asked;
  }

  /** An end that was not written: the run goes on, or has been over since. */
  #refused({ isAck, leases = [] }: Asked): void {
    if (isAck !== true) return;
    for (const { seq } of leases) if (!this.#deliveries.has(seq)) this.#endRun(seq, false);
  }

  #admit(seq: number, item: NewMessage | undefined): void {
    this.#owed.add(seq);
    const notBeforeMs = item?.delayMs === undefined ? 0 : this.#nowMs;
    this.#runs.set(seq, { begun: 0, excused: 0, notBeforeMs });
    this.#limits.set(seq, item?.attempts ?? this.#rules.attempts);
    const isPlain = item !== undefined && Object.keys(item).length === 2;
    if (isPlain) this.#plain.add(seq);
  }

  #begin(one: Delivery): void {
    const { seq, attempt } = one;
    this.#delivered += 1;
    if (this.#finished.has(seq)) fail(`${String(seq)} is given out after its end`);
    if (this.#deliveries.has(seq)) fail(`${String(seq)} is given to two readers`);
    const run = this.#runs.get(seq) ?? { begun: 0, excused: 0, notBeforeMs: 0 };
    if (attempt !== run.begun + 1) fail(`${String(seq)}: run ${String(attempt)} after ${String(run.begun)}`);
    if (run.begun - run.excused >= (this.#limits.get(seq) ?? this.#rules.attempts))
      fail(`${String(seq)} has no attempts left`);
    if (this.#nowMs < run.notBeforeMs) fail(`${String(seq)} is given out before its back-off is over`);
    if (this.#store.rows.get(seq)?.attempts !== attempt)
      fail(`${String(seq)} is given out before that is written`);
    if (attempt === 1 && this.#plain.delete(seq)) {
      if (seq < this.#lastPlain) fail(`${String(seq)} comes after ${String(this.#lastPlain)}`);
      this.#lastPlain = seq;
    }
    this.#runs.set(seq, { ...run, begun: attempt });
    this.#deliveries.set(seq, one);
  }

  #endRun(seq: number, again: boolean): void {
    const run = this.#runs.get(seq);
    if (run === undefined) return;
    const excused = run.excused + (again ? 1 : 0);
    const failed = again ? 1 : run.begun - excused;
    this.#runs.set(seq, { ...run, excused, notBeforeMs: this.#nowMs + BACKOFF_MS * 2 ** (failed - 1) });
    this.#plain.delete(seq);
  }

  #check(): void {
    const { ready, delayed, leased, dead } = this.#queue.counts;
    if (Math.min(ready, delayed, leased, dead) < 0) fail('a count is below zero');
    const { maxsize } = this.#rules;
    if (maxsize !== null && ready + delayed + leased > maxsize + this.#retried) fail('more than maxsize');
    for (const seq of this.#deliveries.keys()) {
      const place = this.#queue.stateOf(seq)?.place;
      if (place !== 'leased') fail(`${String(seq)} has a reader and is ${String(place)}`);
    }
  }

  /** Everything is given out and acknowledged in the end, and everything that was asked is answered. */
  #finish(): void {
    for (let round = 0; round < 400; round += 1) {
      this.#flush(true);
      this.#pass(100);
      for (const one of [...this.#deliveries.values()])
        this.#ask({ kind: 'end', leases: [one], isAck: true }, (ticket) => this.#queue.ack(ticket, [one]));
      this.#ask({ kind: 'get', holder: 1, leaseMs: Infinity }, (ticket) =>
        this.#queue.get(ticket, { most: 10, holder: 1, leaseMs: Infinity }, this.#nowMs, this.#nowMs),
      );
    }
    this.#flush(true);
    this.#queue.wake(this.#nowMs);
    if ([...this.#asked.values()].some(({ untilMs = Infinity }) => untilMs <= this.#nowMs))
      fail('a reader waits for longer than it has asked for');
    for (let holder = 1; holder <= HOLDERS; holder += 1) this.#queue.endHolder(holder, this.#nowMs);
    this.#flush(true);
    this.#queue.wake(this.#nowMs);
    const left = [...this.#owed].filter((seq) => this.#queue.stateOf(seq)?.place !== 'dead');
    if (left.length > 0) fail(`never given out or ended: ${left.join(' ')}`);
    for (const seq of this.#owed)
      if (!this.#store.rows.has(seq)) fail(`${String(seq)} is a dead letter, and not in the store`);
    if (this.#asked.size > 0)
      fail(`not answered: ${[...this.#asked.values()].map(({ kind }) => kind).join(' ')}`);
    const { ready, delayed, leased, dead } = this.#queue.counts;
    if (ready + delayed + leased > 0 || dead !== [...this.#queue.dead()].length) fail('the counts are wrong');
  }
}

function fail(why: string): never {
  throw new Error(why);
}
