/** Processes that clients hold: what is started for them, and what is stopped when nobody holds it any more. */
import { describe, expect, test } from 'vitest';
import type { ChangeResult } from '../../src/control/api.ts';
import type { HeldUntil } from '../../src/control/holds-api.ts';
import { createHolds, type HoldsParts } from '../../src/host/holds.ts';
import { servicePlan } from '../../src/core/plan/process-plan.ts';
import type { InstanceSnapshot } from '../../src/core/snapshot.ts';
import type { Holder } from '../../src/runtime/exchange/holder.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';
import { snapshotFor } from '../helpers/fake-api.ts';

type State = InstanceSnapshot['state'];

/** `web` needs `db`, `page` needs `db`; `seed` is a task; `broken` fails. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  db: [],
  web: ['db'],
  page: ['db'],
  seed: [],
  broken: [],
};

function world() {
  const states = new Map<string, State>(Object.keys(NEEDS).map((name) => [`${name}.1`, 'stopped']));
  const exits = new Map<string, InstanceSnapshot['exit']>();
  const asked: string[] = [];
  const clock = createVirtualClock();
  const snapshotOf = (name: string): InstanceSnapshot =>
    snapshotFor(name, { state: states.get(name) ?? 'stopped', exit: exits.get(name) ?? null });
  const up = (name: string): void => {
    if (states.get(name) === 'running') return;
    for (const need of NEEDS[name.slice(0, -2)] ?? []) up(`${need}.1`);
    states.set(name, name === 'seed.1' ? 'exited' : name === 'broken.1' ? 'failed' : 'running');
    if (name === 'seed.1') exits.set(name, { code: 0 });
    if (name === 'broken.1') exits.set(name, { code: 3 });
  };
  const api: HoldsParts['api'] = {
    select: (words) => ({
      names: words.map((word) => `${word}.1`).filter((name) => states.has(name)),
      unknown: [],
    }),
    change(verb, names) {
      asked.push(`${verb} ${names.join(' ')}`);
      for (const name of names)
        if (verb === 'start') up(name);
        else states.set(name, 'stopped');
      return Promise.resolve<readonly ChangeResult[]>([]);
    },
    wait: (names, wanted) =>
      Promise.resolve(
        names.map((name) => {
          const state = states.get(name);
          const isReached = wanted === 'exited' ? state !== 'running' : state === 'running';
          return { name, outcome: isReached ? 'reached' : 'never', pid: null, exit: exits.get(name) ?? null };
        }),
      ),
    snapshot: (names) => Promise.resolve(names.map(snapshotOf)),
    reasonFor: () => ({ seq: 1, time: '', event: 'stopping', text: 'stopped by somebody' }),
    about: () => ({ instances: [...states.keys()] }) as unknown as ReturnType<HoldsParts['api']['about']>,
  };
  const instances = new Map(
    Object.entries(NEEDS).map(([process, needs]) => [
      `${process}.1`,
      {
        process,
        plan: {
          ...servicePlan(process, 'x', { file: '', line: 1, column: 1, length: 1, text: '' }),
          needs: needs.map((need) => ({ process: need, until: 'ready' as const })),
        },
      },
    ]),
  );
  const holds = createHolds({ api, instances, clock });
  return { holds, states, asked, clock };
}

function holder(): Holder & { end(): void } {
  const listeners = new Set<() => void>();
  return {
    ...{ id: 1, client: undefined, hasEnded: false, tell: () => true, drained: () => Promise.resolve() },
    onEnd(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    end() {
      for (const listener of [...listeners]) listener();
    },
  };
}

const by = (one: Holder) => ({
  ...{ holder: one, gone: new AbortController().signal, cause: { by: 'request' } as const },
});
const hold = ({ holds }: ReturnType<typeof world>, name: string, one: Holder, until: HeldUntil = 'ready') =>
  holds.hold(name, until, by(one));
const upIn = ({ states }: ReturnType<typeof world>) =>
  [...states].filter(([, state]) => state === 'running').map(([name]) => name);

describe('a process that is held', () => {
  test('is started with what it needs, and both are stopped after its last holder', async () => {
    const one = world();
    const [first, second] = [holder(), holder()];
    expect(await hold(one, 'web', first)).toEqual({ instances: ['web.1'] });
    await hold(one, 'web', second);
    expect(upIn(one)).toEqual(['db.1', 'web.1']);
    await one.holds.release('web', first);
    expect(upIn(one)).toEqual(['db.1', 'web.1']);
    await one.holds.release('web', second);
    expect(upIn(one)).toEqual([]);
    expect(one.asked).toEqual(['start web.1', 'stop db.1 web.1']);
  });

  test('is left running if it ran before', async () => {
    const one = world();
    one.states.set('db.1', 'running');
    const client = holder();
    await hold(one, 'web', client);
    await one.holds.release('web', client);
    expect(upIn(one)).toEqual(['db.1']);
  });

  test('keeps what it needs, also when that was started for another one', async () => {
    const one = world();
    const client = holder();
    await hold(one, 'web', client);
    await hold(one, 'page', client);
    await one.holds.release('web', client);
    expect(upIn(one)).toEqual(['db.1', 'page.1']);
    await one.holds.release('page', client);
    expect(upIn(one)).toEqual([]);
  });

  test('is given up by a session that ends', async () => {
    const one = world();
    const client = holder();
    await hold(one, 'db', client);
    client.end();
    await expect.poll(() => upIn(one)).toEqual([]);
  });

  test('one that cannot come up is told, and gives up what was started for it', async () => {
    const one = world();
    expect(await hold(one, 'broken', holder())).toMatchObject({
      refused: { code: 'process-failed', message: "'broken.1' exited with status 3" },
    });
    expect(await hold(one, 'missing', holder())).toMatchObject({ refused: { code: 'unknown-process' } });
  });

  test('a task that has succeeded is not run again', async () => {
    const one = world();
    await hold(one, 'seed', holder(), 'succeeded');
    await hold(one, 'seed', holder(), 'succeeded');
    expect(one.asked).toEqual(['start seed.1']);
  });
});

describe('a supervisor that is there for holders only', () => {
  test('ends with the last one', async () => {
    const one = world();
    let isUnused = false;
    one.holds.whenUnused(1_000, () => (isUnused = true));
    const client = holder();
    await hold(one, 'db', client);
    one.clock.advance(1_000);
    await Promise.resolve();
    expect(isUnused).toBe(false);
    await one.holds.release('db', client);
    expect(isUnused).toBe(true);
    expect(await hold(one, 'db', holder())).toMatchObject({ refused: { code: 'session-ended' } });
  });

  test('ends if nobody comes', async () => {
    const one = world();
    let isUnused = false;
    one.holds.whenUnused(1_000, () => (isUnused = true));
    one.clock.advance(1_000);
    await expect.poll(() => isUnused).toBe(true);
  });

  test('goes on as long as anything else is up', async () => {
    const one = world();
    let isUnused = false;
    one.holds.whenUnused(1_000, () => (isUnused = true));
    const client = holder();
    await hold(one, 'db', client);
    one.states.set('page.1', 'running');
    await one.holds.release('db', client);
    expect(isUnused).toBe(false);
  });
});
