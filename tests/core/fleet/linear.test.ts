/** What a fleet costs, in reads of members and of counts: so many for each member, however many there are. */
import { expect, test } from 'vitest';
import {
  fleetSpec,
  newFleet,
  type FleetEvent,
  type MemberSpec,
  type Need,
} from '../../../src/core/fleet/state.ts';
import { stepFleet } from '../../../src/core/fleet/step.ts';
import type { ProcessEvent } from '../../../src/core/process/state.ts';
import { RESTART_DEFAULTS } from '../../../src/core/process/restart-policy.ts';
import { Roster } from '../../../src/core/fleet/roster.ts';
import { stopLadder } from '../../../src/core/process/stop-ladder.ts';

/** For each member in any of these stories, from its start to its end. */
const MOST_READS = 150;

/** Counts reads of one place; a walk through all counts as a read of each. */
function readsDuring(live: () => void): number {
  const original = { at: descriptorOf('at'), entries: descriptorOf('entries') };
  const { at, entries } = Roster.prototype as { at: Method; entries: Method };
  let reads = 0;
  Object.assign(Roster.prototype, {
    at(this: Roster<unknown>, place: number) {
      reads += 1;
      return at.call(this, place);
    },
    entries(this: Roster<unknown>) {
      reads += this.size;
      return entries.call(this);
    },
  });
  try {
    live();
    return reads;
  } finally {
    Object.defineProperties(Roster.prototype, original);
  }
}

type Method = (this: Roster<unknown>, ...args: readonly unknown[]) => unknown;

const descriptorOf = (name: string): PropertyDescriptor =>
  Object.getOwnPropertyDescriptor(Roster.prototype, name) ?? expect.fail(`no ${name}`);

const member = (name: string, process: string, needs: readonly Need[] = []): MemberSpec => ({
  ...{ name, process, needs, readiness: 'started', restart: RESTART_DEFAULTS },
  ladder: stopLadder('SIGTERM', 5000),
});

const count = (n: number) => Array.from({ length: n }, (_, at) => at);

function fleetOf(members: readonly MemberSpec[]) {
  const names = members.map(({ name }) => name);
  let state = newFleet(fleetSpec(members, 'keep', true));
  let tickets = 0;
  const send = (event: FleetEvent): void => {
    state = stepFleet(state, event, { now: 0, random: 0 }).state;
  };
  const tell = (name: string, event: ProcessEvent) => send({ type: 'process', name, event });
  const run = (name: string) => state.members.get(name)?.process.run ?? 0;
  return {
    names,
    send,
    ask: (verb: 'start' | 'stop' | 'restart', some = names) =>
      send({ type: 'request', ticket: (tickets += 1), verb, names: some }),
    spawn: (name: string) => tell(name, { type: 'spawned', run: run(name), pid: 100 }),
    end: (name: string) =>
      tell(name, { type: 'exited', run: run(name), exit: { by: 'code', code: 0 }, survivors: false }),
    phases: () => new Set(Array.from(state.members.values(), ({ process }) => process.phase.name)),
    isStopping: (name: string) => state.members.get(name)?.process.phase.name === 'stopping',
    size: () => state.members.size,
  };
}

type Fleet = ReturnType<typeof fleetOf>;
const alone = (n: number) => count(n).map((at) => member(`a.${String(at)}`, 'a'));
const started = (fleet: Fleet): void => {
  fleet.ask('start');
  for (const name of fleet.names) fleet.spawn(name);
  expect([...fleet.phases()]).toEqual(['running']);
};

test.each<[string, (n: number) => readonly MemberSpec[], (fleet: Fleet) => void]>([
  ['a start of all', alone, started],
  [
    'a request for each',
    alone,
    ({ ask, names, spawn, phases }) => {
      for (const name of names) ask('start', [name]);
      for (const name of names) spawn(name);
      expect([...phases()]).toEqual(['running']);
    },
  ],
  [
    'a restart of all',
    alone,
    (fleet) => {
      started(fleet);
      fleet.ask('restart');
      for (const name of fleet.names) fleet.end(name);
      for (const name of fleet.names) fleet.spawn(name);
      expect([...fleet.phases()]).toEqual(['running']);
    },
  ],
  [
    'the end of all',
    alone,
    (fleet) => {
      started(fleet);
      fleet.send({ type: 'close', cause: { by: 'request' }, signal: 'SIGTERM' });
      for (const name of fleet.names) fleet.end(name);
      expect([...fleet.phases()]).toEqual(['idle']);
    },
  ],
  [
    'a stop of many processes, one after the other',
    (n) => count(n).map((at) => member(`p${String(at)}.1`, `p${String(at)}`)),
    (fleet) => {
      started(fleet);
      fleet.send({ type: 'close', cause: { by: 'request' }, signal: 'SIGTERM' });
      for (const name of fleet.names.toReversed()) {
        expect(fleet.isStopping(name)).toBe(true);
        fleet.end(name);
      }
      expect([...fleet.phases()]).toEqual(['idle']);
    },
  ],
  [
    'a stop of many processes, which end in the order of their starts',
    (n) => count(n).map((at) => member(`p${String(at)}.1`, `p${String(at)}`)),
    (fleet) => {
      started(fleet);
      fleet.ask('stop');
      for (const name of fleet.names) fleet.end(name);
      expect([...fleet.phases()].toSorted()).toEqual(['exited', 'idle']);
    },
  ],
  [
    'a reform that wants none of them',
    alone,
    (fleet) => {
      started(fleet);
      fleet.send({ type: 'reform', spec: fleetSpec([], 'keep', true) });
      for (const name of fleet.names) fleet.end(name);
      expect(fleet.size()).toBe(0);
    },
  ],
  [
    'a chain in which each waits for the success of the one before',
    (n) =>
      count(n).map((at) =>
        member(`t${String(at)}.1`, `t${String(at)}`, [
          ...(at === 0 ? [] : [{ process: `t${String(at - 1)}`, until: 'succeeded' } as const]),
        ]),
      ),
    ({ ask, names, spawn, end, phases }) => {
      ask('start');
      for (const name of names) {
        spawn(name);
        end(name);
      }
      expect([...phases()]).toEqual(['exited']);
    },
  ],
  [
    'many instances that need many instances, from the start to a stop',
    (n) =>
      count(n).map((at) =>
        at % 2 === 0
          ? member(`db.${String(at)}`, 'db')
          : member(`web.${String(at)}`, 'web', [{ process: 'db', until: 'ready' }]),
      ),
    (fleet) => {
      const [dbs, webs] = ['db', 'web'].map((process) =>
        fleet.names.filter((name) => name.startsWith(process)),
      );
      fleet.ask('start');
      for (const name of [...(dbs ?? []), ...(webs ?? [])]) fleet.spawn(name);
      expect([...fleet.phases()]).toEqual(['running']);
      fleet.ask('stop');
      for (const name of [...(webs ?? []), ...(dbs ?? [])]) fleet.end(name);
      expect([...fleet.phases()]).toEqual(['idle']);
    },
  ],
])('%s', (_what, membersOf, live) => {
  const readsOf = (n: number): number => {
    const fleet = fleetOf(membersOf(n));
    return readsDuring(() => live(fleet));
  };
  const [few, many] = [readsOf(100), readsOf(1000)];
  expect(few / 100).toBeLessThan(MOST_READS);
  expect(many / 1000).toBeLessThan(MOST_READS);
  expect(many / few).toBeLessThan(10.5);
});

test('who has kept a state still sees what it was', () => {
  const spec = fleetSpec(alone(3), 'keep');
  const first = newFleet(spec);
  const at = { now: 0, random: 0 };
  const asked = stepFleet(first, { type: 'request', ticket: 1, verb: 'start', names: ['a.0', 'a.2'] }, at);
  const event = { type: 'spawned', run: 1, pid: 7 } as const;
  const after = stepFleet(asked.state, { type: 'process', name: 'a.2', event }, at);
  const phases = [first, asked.state, after.state].map((state) =>
    Array.from(state.members.values(), ({ process }) => process.phase.name).join(' '),
  );
  expect(phases).toEqual(['idle idle idle', 'starting idle starting', 'starting idle running']);
  expect([first.tickets.size, asked.state.tickets.size]).toEqual([0, 1]);
});
