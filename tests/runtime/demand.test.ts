/** Which client is whose, and what becomes of a stop when one comes. */
import { expect, it } from 'vitest';
import type { InstanceSpec } from '../../src/core/plan/app-spec.ts';
import type { Cause, Verb } from '../../src/core/events.ts';
import type { Refusal } from '../../src/core/process/exit.ts';
import { RESTART_DEFAULTS } from '../../src/core/process/restart-policy.ts';
import type { Standing } from '../../src/core/sockets/demand.ts';
import type { Listener } from '../../src/ports/listeners.ts';
import { createDemand } from '../../src/runtime/demand.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

interface FakeListener extends Listener {
  clients: number;
  connections: number;
  announces: boolean;
}

function listener(tellsTraffic = false): FakeListener {
  return {
    ...{ port: 3000, inode: '1', clients: 0, connections: 0, announces: false, tellsTraffic },
    use: () => ({ fd: 0, release: () => undefined }),
    prepare: () => undefined,
    announce(isOn) {
      this.announces = isOn;
    },
    isReachable: () => true,
    hasClient() {
      return this.clients > 0;
    },
    hasTraffic() {
      return this.connections > 0;
    },
    close: () => undefined,
  };
}

const IDLE_MS = 8000;

function stage(...names: readonly string[]) {
  const clock = createVirtualClock();
  const asked: string[] = [];
  const told: (Refusal | undefined)[] = [];
  const frozen: string[] = [];
  const listeners = new Map(names.map((name) => [name, listener()]));
  const standings = new Map<string, Standing>(names.map((name) => [name, 'down']));
  let arrive = (): void => undefined;
  let refusal: Refusal | undefined;
  let whenFrozen = (): void => undefined;
  const instanceOf = (name: string): InstanceSpec =>
    ({
      ...{ name: `${name}.1`, process: name },
      plan: {
        ...{ autostart: 'on-demand', idleMs: IDLE_MS },
        listen: [{ name, address: { kind: 'tcp', host: '', port: 3000 } }],
      },
    }) as unknown as InstanceSpec;
  const own = (instance: InstanceSpec): readonly Listener[] => {
    const found = listeners.get(instance.process);
    return found === undefined ? [] : [found];
  };
  const demand = createDemand({
    clock,
    sockets: { open: (instance) => Promise.resolve(refusal ?? own(instance)), listeners: own },
    instances: () =>
      names.map((name) => ({
        ...{ instance: instanceOf(name), standing: standings.get(name) ?? 'down', hasFailed: false },
        ...{ isWanted: false, restart: RESTART_DEFAULTS },
      })),
    ask(verb: Verb, instances: readonly string[], cause: Cause) {
      asked.push(`${verb} ${instances.join()}: ${cause.by === 'socket' ? cause.why : cause.by}`);
      for (const name of instances) standings.set(name.replace('.1', ''), 'between');
      demand.changed();
      return Promise.resolve();
    },
    refused: (_, exit) => void told.push(exit),
    freeze(instances) {
      frozen.push(`freeze ${instances.join()}`);
      whenFrozen();
      return () => void frozen.push('thaw');
    },
    onArrival(heard) {
      arrive = heard;
      return () => (arrive = () => undefined);
    },
  });
  const stand = (name: string, standing: Standing): void => {
    standings.set(name, standing);
    demand.changed();
  };
  return {
    ...{ clock, asked, told, frozen, demand, stand },
    of: (name: string) => listeners.get(name) ?? listener(),
    arrive: () => arrive(),
    refuse: (exit: Refusal | undefined) => (refusal = exit),
    onFreeze: (deed: () => void) => (whenFrozen = deed),
  };
}

/** Promises of fakes are settled by then. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('a client who waits already starts it', async () => {
  const { of, asked, demand } = stage('a');
  of('a').clients = 1;
  demand.changed();
  await settled();
  expect(asked).toEqual(['start a.1: a connection to port 3000']);
});

it('a signal starts those only that have a client', async () => {
  const { of, asked, arrive, demand } = stage('a', 'b');
  demand.changed();
  await settled();
  expect([of('a').announces, of('b').announces]).toEqual([true, true]);
  of('b').clients = 1;
  arrive();
  expect(asked).toEqual(['start b.1: a connection to port 3000']);
  expect([of('a').announces, of('b').announces]).toEqual([true, false]);
});

it('a client of which no signal tells is seen by the look each second', async () => {
  const { of, asked, clock, demand } = stage('a');
  demand.changed();
  await settled();
  of('a').clients = 1;
  clock.advance(1000);
  await settled();
  expect(asked).toHaveLength(1);
});

it('what was stopped on request is not started, and is after a start', async () => {
  const { of, asked, arrive, demand } = stage('a');
  const cause = { by: 'library' } as const;
  demand.told({ type: 'requested', verb: 'stop', names: ['a.1'], cause });
  demand.changed();
  of('a').clients = 1;
  arrive();
  await settled();
  expect([asked, demand.awaitsClient('a.1')]).toEqual([[], false]);
  demand.told({ type: 'requested', verb: 'start', names: ['a.1'], cause });
  demand.changed();
  await settled();
  expect(asked).toHaveLength(1);
});

it('a stop for want of clients leaves it on demand', async () => {
  const { asked, clock, demand, stand, frozen } = stage('a');
  stand('a', 'up');
  clock.advance(IDLE_MS + 2000);
  expect(asked).toEqual(['stop a.1: no connection for 8s']);
  expect(frozen).toEqual(['freeze a.1', 'thaw']);
  demand.told({ type: 'requested', verb: 'stop', names: ['a.1'], cause: { by: 'socket', why: '' } });
  stand('a', 'between');
  stand('a', 'down');
  await settled();
  expect(demand.awaitsClient('a.1')).toBe(true);
});

it('a client that comes while it is frozen keeps it running', () => {
  const { of, asked, clock, stand, frozen, onFreeze } = stage('a');
  onFreeze(() => (of('a').clients = 1));
  stand('a', 'up');
  clock.advance(IDLE_MS + 2000);
  expect(asked).toEqual([]);
  expect(frozen.slice(0, 2)).toEqual(['freeze a.1', 'thaw']);
});

it('a connection that comes and goes between two looks counts for the one that has it', () => {
  const { of, asked, arrive, clock, stand } = stage('a', 'b');
  stand('a', 'up');
  stand('b', 'up');
  for (let round = 0; round < 3; round += 1) {
    clock.advance(IDLE_MS / 2);
    of('a').connections = 1;
    arrive();
    of('a').connections = 0;
  }
  expect(asked).toEqual(['stop b.1: no connection for 8s']);
});

it('one of which nothing is seen any more counts for all that may have had it', () => {
  const { asked, arrive, clock, stand } = stage('a', 'b');
  stand('a', 'up');
  stand('b', 'up');
  for (let round = 0; round < 3; round += 1) {
    clock.advance(IDLE_MS / 2);
    arrive();
  }
  expect(asked).toEqual([]);
});

it('one that comes while another is connected is not overlooked when that has gone', () => {
  const { of, asked, clock, stand } = stage('a');
  stand('a', 'up');
  of('a').connections = 1;
  clock.advance(IDLE_MS);
  of('a').connections = 0;
  // Nobody can tell whether there was another one since the last look.
  clock.advance(IDLE_MS - 1);
  expect(asked).toEqual([]);
  clock.advance(IDLE_MS);
  expect(asked).toEqual(['stop a.1: no connection for 8s']);
});

it('a socket that cannot be opened is told, and tried again until it can', async () => {
  const { of, asked, told, clock, demand, refuse } = stage('a');
  const exit = { by: 'refusal', error: 'EADDRINUSE', message: 'in use' } as const;
  refuse(exit);
  demand.changed();
  await settled();
  refuse(undefined);
  of('a').clients = 1;
  clock.advance(RESTART_DEFAULTS.maxDelayMs);
  await settled();
  expect(told).toEqual([exit, undefined]);
  expect(asked).toHaveLength(1);
});

it('nothing is left when it is closed', async () => {
  const { of, asked, arrive, clock, demand } = stage('a');
  demand.changed();
  await settled();
  demand.close();
  of('a').clients = 1;
  arrive();
  demand.changed();
  await settled();
  expect([asked, of('a').announces, clock.timerCount]).toEqual([[], false, 0]);
});
