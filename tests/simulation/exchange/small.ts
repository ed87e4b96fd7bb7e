/** Random stories of values, flags and barriers, and what must hold in each of them, kept by books of their own. */
import type { createBarrier } from '../../../src/core/exchange/barrier/barrier.ts';
import type { createFlag } from '../../../src/core/exchange/flag/flag.ts';
import type { createValue, Told, ValueChange } from '../../../src/core/exchange/value/value.ts';
import { seeded } from '../random.ts';

export interface SmallCore {
  readonly createValue: typeof createValue;
  readonly createFlag: typeof createFlag;
  readonly createBarrier: typeof createBarrier;
}

export interface Life {
  readonly violations: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

const STEPS = 60;

function book() {
  const violations: string[] = [];
  const counts: Record<string, number> = {};
  return {
    violations,
    counts,
    must: (isSo: boolean, what: string): void => {
      if (!isSo) violations.push(what);
    },
    count: (what: string): void => void (counts[what] = (counts[what] ?? 0) + 1),
  };
}

/** Watchers know a state of the history, and must be told the latest one with the number of those between. */
export function liveValue(seed: number, { createValue }: SmallCore): Life {
  const random = seeded(seed);
  const { violations, counts, must, count } = book();
  const value = createValue(random.pick([0, 7]));
  /** All states, oldest first: the JSON, or that it does not exist. */
  const history: (string | undefined)[] = [undefined];
  const versions: number[] = [0];
  /** Watchers by their ids: the index of the state that each knows, if any. */
  const known: (number | undefined)[] = [undefined, undefined, undefined];
  const waiting = new Map<number, string | undefined>();
  let lastVersion = 0;

  const hear = (id: number, change: ValueChange): void => {
    const latest = history.length - 1;
    const until = waiting.get(id);
    waiting.delete(id);
    must(change.json === history[latest], 'an old state is told');
    must(until === undefined || change.json === until, 'another value than awaited is told');
    const before = known[id];
    must(before !== latest, 'the same state is told twice');
    if (before !== undefined && until === undefined) {
      // Where it did not exist and does not exist again, nothing is told of what was between.
      const between = latest - before - 1;
      if (change.json === undefined) count('removals');
      else if (!history.slice(before + 1, latest).includes(undefined))
        must(change.skipped === between, `${String(between)} skipped, told ${String(change.skipped)}`);
      else
        must(
          change.skipped <= between && (change.skipped > 0 || history[before] === undefined),
          'what is skipped over a removal',
        );
      if (change.skipped > 0) count('skipped');
    }
    known[id] = latest;
    count('told');
  };

  const check = (told: Told): void => {
    const due = [...waiting].filter(([, until]) => until === undefined || until === history.at(-1));
    must(told.length === due.length, 'not all are told that are due');
    for (const [id, change] of told) {
      must(waiting.has(id), 'one is told that does not wait');
      hear(id, change);
    }
  };

  for (let at = 0; at < STEPS; at += 1) {
    const act = random.between(1, 10);
    if (act <= 4) {
      const json = JSON.stringify(random.between(1, 3));
      const told = value.write(json);
      history.push(json);
      const version = value.current?.version ?? 0;
      must(version > lastVersion, 'the version does not count up');
      versions.push((lastVersion = version));
      check(told);
    } else if (act === 5) {
      if (value.current === undefined) continue;
      const told = value.remove();
      history.push(undefined);
      versions.push(0);
      check(told);
    } else {
      const id = random.between(0, 2);
      if (waiting.has(id)) {
        value.leave(id);
        waiting.delete(id);
        count('left');
        continue;
      }
      const index = known[id];
      const until = random.chance(0.2) ? JSON.stringify(random.between(1, 3)) : undefined;
      const after = until === undefined && index !== undefined ? versions[index] : undefined;
      if (until !== undefined) known[id] = undefined;
      const isSame =
        after !== undefined && (after === 0 ? history.at(-1) === undefined : index === history.length - 1);
      const change = value.watch({ id, after, until });
      const isDue = until === undefined ? !isSame : history.at(-1) === until;
      must((change !== undefined) === isDue, 'a watcher waits without a reason, or does not');
      waiting.set(id, until);
      if (change !== undefined) hear(id, change);
      else if (index !== undefined && isSame) known[id] = history.length - 1;
    }
    must(value.watchers.size === waiting.size, 'watchers are forgotten or kept');
  }
  return { violations, counts };
}

export function liveFlag(seed: number, { createFlag }: SmallCore): Life {
  const random = seeded(seed);
  const { violations, counts, must, count } = book();
  const flag = createFlag();
  const waiting = new Set<number>();
  let isSet = false;
  for (let id = 0; id < STEPS; id += 1) {
    const act = random.between(1, 10);
    if (act <= 2) {
      const gone = flag.set();
      isSet = true;
      must(gone.length === waiting.size && gone.every((one) => waiting.has(one)), 'not all go');
      if (gone.length > 1) count('together');
      waiting.clear();
    } else if (act <= 4) {
      flag.clear();
      isSet = false;
    } else if (act <= 8) {
      const mayGo = flag.wait(id);
      must(mayGo === isSet, 'it waits for what is set, or goes where it is clear');
      if (mayGo) count('at once');
      else waiting.add(id);
    } else {
      const [first] = waiting;
      if (first === undefined) continue;
      flag.leave(first);
      waiting.delete(first);
      count('left');
    }
    must(flag.isSet === isSet, 'it is not what it was set to');
    must(flag.waiting.size === waiting.size, 'some are forgotten or kept');
  }
  return { violations, counts };
}

export function liveBarrier(seed: number, { createBarrier }: SmallCore): Life {
  const random = seeded(seed);
  const { violations, counts, must, count } = book();
  const barrier = createBarrier();
  let parties = random.between(1, 4);
  let waiting: number[] = [];
  for (let id = 0; id < STEPS; id += 1) {
    if (waiting.length === 0) parties = random.between(1, 4);
    const act = random.between(1, 10);
    if (act <= 7) {
      const outcome = barrier.arrive(id, parties);
      waiting.push(id);
      if (waiting.length < parties) must(outcome.type === 'waits', 'they go before all are there');
      else {
        must(outcome.type === 'complete', 'they do not go when all are there');
        if (outcome.type === 'complete')
          must(outcome.parties.join() === waiting.join(), 'not all go, in the order of their arrival');
        count('complete');
        waiting = [];
      }
    } else if (act === 8) {
      if (waiting.length === 0) continue;
      const outcome = barrier.arrive(id, parties + 1);
      must(outcome.type === 'other-parties' && outcome.parties === parties, 'another number is taken');
      count('other');
    } else {
      const isThere = waiting.length > 0 && random.chance(0.8);
      const left = isThere ? random.pick(waiting as [number, ...number[]]) : -1;
      const broken = barrier.leave(left);
      if (!isThere) {
        must(broken.length === 0, 'a stranger breaks it');
        continue;
      }
      must(broken.join() === waiting.filter((one) => one !== left).join(), 'it is not broken for all others');
      if (broken.length > 0) count('broken');
      waiting = [];
    }
    must(barrier.waiting.join() === waiting.join(), 'some are forgotten or kept');
  }
  return { violations, counts };
}
