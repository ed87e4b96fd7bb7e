import { describe, expect, it } from 'vitest';
import {
  demandRule,
  lookEvery,
  NEW_DEMAND,
  stepDemand,
  type DemandEffect,
  type DemandEvent,
  type DemandState,
  type Standing,
} from '../../../src/core/sockets/demand.ts';
import { clientWords, idleWords } from '../../../src/core/sockets/demand-words.ts';
import type { SocketPlan } from '../../../src/core/sockets/socket-plan.ts';

const RULE = { idleMs: 10_000, delayMs: 500, maxDelayMs: 4000, healthyAfterMs: 30_000 };

/** `1000 down` at that time; more words say what else is so. Returns the state and the effects of the last. */
function after(...story: readonly string[]): {
  readonly state: DemandState;
  readonly effects: readonly string[];
} {
  let state = NEW_DEMAND;
  let effects: readonly DemandEffect[] = [];
  for (const line of story) {
    const [ms, word = '', ...more] = line.split(' ');
    ({ state, effects } = stepDemand(RULE, state, eventOf(word, more), Number(ms)));
  }
  return {
    state,
    effects: effects.map((effect) => (effect.type === 'wait' ? `wait ${String(effect.ms)}` : effect.type)),
  };
}

function eventOf(word: string, more: readonly string[]): DemandEvent {
  if (word === 'client' || word === 'time') return { type: word };
  if (word === 'busy' || word === 'quiet') return { type: 'looked', isBusy: word === 'busy' };
  return {
    ...{ type: 'stands', standing: word as Standing },
    ...{ isArmed: !more.includes('unarmed'), hasFailed: more.includes('failed') },
  };
}

describe('the clients of a process that is down', () => {
  it.each([
    ['are told when it may be started', ['0 down'], 'watch'],
    ['are not heard when it may not', ['0 down unarmed'], ''],
    ['start it', ['0 down', '5 client'], 'unwatch, start'],
    ['start it once', ['0 down', '5 client', '6 client'], ''],
    ['do not start what is being started already', ['0 down', '4 between', '5 client'], ''],
    ['are let go when it is started by others', ['0 down', '4 between'], 'unwatch'],
    ['are let go when it is stopped on request', ['0 down', '4 down unarmed'], 'unwatch'],
    [
      'start it again when it was stopped for want of them',
      ['0 up', '9 time', '20000 quiet', '20010 between', '20020 down'],
      'watch',
    ],
    [
      'do not start it when it was stopped on request meanwhile',
      ['0 up', '20000 quiet', '20020 down unarmed'],
      'cancel',
    ],
    [
      'start it at once after a long run',
      ['0 down', '1 client', '2 up', '40000 between', '40001 down'],
      'watch',
    ],
    ['wait after a run that was short', ['0 down', '1 client', '2 up', '40 down'], 'cancel, wait 500'],
    ['wait after a start that was refused', ['0 down', '1 client', '2 down'], 'wait 500'],
    [
      'wait for the longest time when it was given up',
      ['0 down', '1 client', '2 up', '3 between', '4 down failed'],
      'wait 4000',
    ],
    ['are told when the wait is over', ['0 down', '1 client', '2 down', '502 time'], 'watch'],
    ['do not start it during the wait', ['0 down', '1 client', '2 down', '3 client'], ''],
    [
      'wait longer each time',
      ['0 down', '1 client', '2 down', '502 time', '503 client', '504 down'],
      'wait 1000',
    ],
    ['do not make the wait longer when they come again', ['0 down', '1 client', '2 down', '3 down'], ''],
    [
      'are not waited for when it is started during the wait',
      ['0 down', '1 client', '2 down', '3 between'],
      'cancel',
    ],
  ])('%s', (_, story, effects) => {
    expect(after(...story).effects.join(', ')).toBe(effects);
  });

  it('wait for the longest time at most', () => {
    const story = Array.from({ length: 9 }, () => ['0 client', '0 down', '0 time']).flat();
    expect(after('0 down', ...story, '0 client', '0 down').effects).toEqual(['wait 4000']);
  });

  it('wait for the shortest time again after a long run', () => {
    const short = ['0 client', '0 down', '0 time'];
    const long = ['0 client', '0 up', '40000 down'];
    expect(after('0 down', ...short, ...short, ...long, '40001 client', '40002 down').effects).toEqual([
      'wait 500',
    ]);
  });
});

describe('a process that is up', () => {
  it.each([
    ['is looked at now and then', ['0 up'], 'wait 1250'],
    ['is looked at by its timer', ['0 up', '1250 time'], 'look'],
    ['runs on while it has clients', ['0 up', '20000 busy'], 'wait 1250'],
    ['runs on until it had none for long enough', ['0 up', '9000 busy', '18900 quiet'], 'wait 100'],
    ['is stopped then', ['0 up', '9000 busy', '19000 quiet'], 'wait 1250, stop'],
    ['has its whole time after a restart', ['0 up', '9000 between', '9500 up', '18000 quiet'], 'wait 1250'],
    ['is not looked at while it is restarted', ['0 up', '9000 between', '18000 quiet'], ''],
    [
      'runs on when a client came at the last moment',
      ['0 up', '10000 quiet', '10000 busy', '11250 quiet'],
      'wait 1250',
    ],
  ])('%s', (_, story, effects) => {
    expect(after(...story).effects.join(', ')).toBe(effects);
  });

  it('is as any other when a client came at the last moment of its idle time, and it ends later', () => {
    expect(after('0 up', '10000 quiet', '10000 busy', '10100 down').effects).toEqual(['cancel', 'wait 500']);
  });

  it('is not looked at where it has no idle time', () => {
    const rule = { ...RULE, idleMs: undefined };
    const up = { type: 'stands', standing: 'up', isArmed: true, hasFailed: false } as const;
    expect(stepDemand(rule, NEW_DEMAND, up, 0).effects).toEqual([]);
  });
});

it.each([
  [1000, 125],
  [500, 100],
  [600_000, 15_000],
])('with an idle time of %i ms it is looked at each %i ms', (idleMs, ms) => {
  expect(lookEvery(idleMs)).toBe(ms);
});

it('a policy without any delay does not make the clients of a broken program start it over and over', () => {
  const rule = demandRule(undefined, { delayMs: 0, maxDelayMs: 0, healthyAfterMs: 30_000 });
  expect(rule).toMatchObject({ delayMs: 500, maxDelayMs: 500 });
});

const tcp: SocketPlan = { name: 'a', address: { kind: 'tcp', host: '', port: 0 } };
const udp: SocketPlan = { name: 'b', address: { kind: 'udp', host: '127.0.0.1', port: 53 } };
const unix: SocketPlan = { name: 'c', address: { kind: 'unix', path: './c.sock' } };

it.each([
  [tcp, 3000, 'a connection to port 3000'],
  [udp, 53, 'a datagram to UDP 127.0.0.1:53'],
  [unix, null, 'a connection to ./c.sock'],
])('names the client of a socket', (plan, port, words) => {
  expect(clientWords(plan, port)).toBe(words);
});

it.each([
  [[tcp, unix], 'no connection for 10m'],
  [[udp], 'no datagram for 10m'],
  [[tcp, udp], 'no client for 10m'],
])('names what did not come', (plans, words) => {
  expect(idleWords(plans, 600_000)).toBe(words);
});
