/**
 * Random lives of a process that its clients start: they come and go, the program serves them, takes none of them or ends, and
 * users stop and start it. What must hold: a client that may start it does not wait for long; a program that takes nobody is not
 * started over and over; what was stopped on request stays down; it is stopped when it has had no client for its idle time, and
 * not before.
 */
import type * as Demand from '../../src/core/sockets/demand.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';
import { seeded } from './random.ts';

export type DemandCore = Pick<typeof Demand, 'NEW_DEMAND' | 'stepDemand'>;

export interface DemandLife {
  readonly violations: readonly string[];
  readonly counts: { readonly started: number; readonly idle: number; readonly rests: number };
}

const RULE = { idleMs: 4000, delayMs: 500, maxDelayMs: 8000, healthyAfterMs: 30_000 };
const START_MS = 50;
const STOP_MS = 30;
/** Two looks, and the time that a stop takes. */
const LATE_MS = 2 * 500 + 200;

export function liveOnDemand(seed: number, { NEW_DEMAND, stepDemand }: DemandCore): DemandLife {
  const random = seeded(seed);
  const clock = createVirtualClock();
  const violations: string[] = [];
  const counts = { started: 0, idle: 0, rests: 0 };
  let state = NEW_DEMAND;
  let cancel = (): void => undefined;
  let phase = 'down' as Demand.Standing;
  let isArmed = true as boolean;
  let hasFailed = false;
  let isWatched = false as boolean;
  /** Whether the program accepts. */
  let isWell = true as boolean;
  /** Clients in the backlog, and those that are served. */
  let waiting = 0 as number;
  let served = 0;
  let hadClient = false;
  let run = 0;
  /** Since when a client waits that may start it. */
  let sinceMs = undefined as number | undefined;
  let clientMs = 0;
  let upMs = 0;
  let endMs = -Infinity;
  let wasShort = false;
  let shortEnds = 0;

  const say = (what: string): void => void violations.push(`${what} at ${String(clock.now())}`);
  const step = (event: Demand.DemandEvent): void => {
    const { state: next, effects } = stepDemand(RULE, state, event, clock.now());
    state = next;
    for (const effect of effects) perform(effect);
  };
  const tell = (): void => step({ type: 'stands', standing: phase, isArmed, hasFailed });
  const perform = (effect: Demand.DemandEffect): void => {
    switch (effect.type) {
      case 'watch':
        isWatched = true;
        if (waiting > 0) step({ type: 'client' });
        return;
      case 'unwatch':
        isWatched = false;
        return;
      case 'start': {
        counts.started += 1;
        if (!isArmed) say('started, but stopped on request');
        if (phase !== 'down') say('started twice');
        const restMs = Math.min(RULE.delayMs * 2 ** (shortEnds - 1), RULE.maxDelayMs);
        if (wasShort && clock.now() - endMs < restMs) say('started over and over');
        return start();
      }
      case 'look': {
        const isBusy = hadClient || waiting + served > 0;
        hadClient = false;
        return step({ type: 'looked', isBusy });
      }
      case 'stop':
        if (random.chance(0.4)) visit();
        if (waiting + served > 0) return step({ type: 'looked', isBusy: true });
        counts.idle += 1;
        if (phase !== 'up') say('stopped for want of clients, but not up');
        if (clock.now() - Math.max(clientMs, upMs) < RULE.idleMs) say('stopped too early');
        return stop(false);
      case 'wait':
        if (state.is === 'resting') counts.rests += 1;
        cancel();
        cancel = clock.after(effect.ms, () => step({ type: 'time' }));
        return;
      case 'cancel':
        cancel();
        return;
    }
  };
  const start = (): void => {
    if (phase !== 'down') return;
    phase = 'between';
    hasFailed = false;
    isWell = random.chance(0.7);
    tell();
    clock.after(START_MS, () => {
      if (phase !== 'between') return;
      phase = 'up';
      run += 1;
      upMs = clock.now();
      tell();
      take();
      if (!isWell) clock.after(random.between(1, 500), () => end(random.chance(0.3)));
    });
  };
  const take = (): void => {
    if (phase !== 'up' || !isWell) return;
    for (; waiting > 0; waiting -= 1) {
      served += 1;
      clientMs = clock.now();
      hadClient = true;
      const ofRun = run;
      clock.after(random.between(1, 2000), () => {
        if (run !== ofRun || served === 0) return;
        served -= 1;
        clientMs = clock.now();
        // As long as it has one, nothing tells of others: it is taken for busy until the next look.
        hadClient = true;
      });
    }
    sinceMs = undefined;
  };
  const end = (failed: boolean): void => {
    if (phase !== 'up') return;
    phase = 'down';
    served = 0;
    wasShort = clock.now() - upMs < RULE.healthyAfterMs;
    shortEnds = wasShort ? shortEnds + 1 : 0;
    endMs = clock.now();
    hasFailed = failed;
    tell();
  };
  const stop = (isRequested: boolean): void => {
    if (isRequested) isArmed = false;
    if (phase === 'down') {
      if (isRequested) wasShort = false;
      return tell();
    }
    phase = 'between';
    tell();
    clock.after(STOP_MS, () => {
      phase = 'down';
      served = 0;
      wasShort = false;
      shortEnds = 0;
      tell();
    });
    clock.advance(STOP_MS);
  };
  const visit = (): void => {
    waiting += 1;
    if (phase === 'down' && isArmed && !wasShort) sinceMs ??= clock.now();
    // A signal may come late, when nobody listens to it any more.
    if (isWatched || random.chance(0.5)) step({ type: 'client' });
    take();
  };

  tell();
  for (let deed = 0; deed < 60; deed += 1) {
    const kind = random.between(0, 11);
    if (kind < 6) visit();
    else if (kind < 7) end(random.chance(0.2));
    else if (kind < 8) stop(true);
    else if (kind < 10) {
      isArmed = true;
      wasShort = false;
      shortEnds = 0;
      if (phase === 'down') start();
      else tell();
    }
    clock.advance(random.between(0, random.chance(0.2) ? 40_000 : 1500));
    if (isWatched !== (state.is === 'waiting')) say('watched or not, against its state');
    if (isWatched && waiting > 0) say('a client waits, though it is watched');
    const longestMs = RULE.maxDelayMs + START_MS + 1;
    if (sinceMs !== undefined && phase === 'down' && isArmed && clock.now() - sinceMs > longestMs)
      if (state.is !== 'resting') say('a client waits in vain');
    if (state.is === 'resting' && clock.now() - endMs > RULE.maxDelayMs) say('rests without an end');
    const quietMs = clock.now() - Math.max(clientMs, upMs);
    if (phase === 'up' && isWell && waiting + served === 0 && quietMs > RULE.idleMs + LATE_MS)
      say('runs on without a client');
  }
  return { violations, counts };
}
