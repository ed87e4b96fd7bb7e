import { expect, test } from 'vitest';
import { fleetSpec, newFleet, type FleetEvent, type MemberSpec } from '../../../src/core/fleet/state.ts';
import { stepFleet } from '../../../src/core/fleet/step.ts';
import type { ProcessEvent } from '../../../src/core/process/state.ts';
import { RESTART_DEFAULTS } from '../../../src/core/process/restart-policy.ts';
import { stopLadder } from '../../../src/core/process/stop-ladder.ts';

const traits = {
  readiness: 'started',
  ladder: stopLadder('SIGTERM', 5000),
  restart: { ...RESTART_DEFAULTS, mode: 'always', delayMs: 0 },
} as const;
const db: MemberSpec = { name: 'db.1', process: 'db', needs: [], ...traits };
const web: MemberSpec = {
  ...{ name: 'web.1', process: 'web', ...traits },
  needs: [{ process: 'db', until: 'started', onRestart: 'restart' }],
  hooks: { start: false, stop: false, end: true },
};

test.each<[string, boolean, number]>([
  ['its last hooks', false, 1],
  ['the processes that it left', true, 2],
])('what has ended by itself comes back with its need after %s', (_, survivors, times) => {
  let state = newFleet(fleetSpec([db, web], 'keep', true));
  const spawned: string[] = [];
  const send = (event: FleetEvent): void => {
    const step = stepFleet(state, event, { now: 0, random: 0 });
    state = step.state;
    for (const effect of step.effects)
      if (effect.type === 'process' && effect.effect.type === 'spawn') spawned.push(effect.name);
  };
  const run = (name: string): number => state.members.get(name)?.process.run ?? 0;
  const tell = (name: string, event: ProcessEvent): void => send({ type: 'process', name, event });
  const exited = (name: string, survivors: boolean): void =>
    tell(name, { type: 'exited', run: run(name), exit: { by: 'code', code: 0 }, survivors });

  send({ type: 'request', ticket: 1, verb: 'start', names: ['db.1', 'web.1'] });
  tell('db.1', { type: 'spawned', run: run('db.1'), pid: 101 });
  tell('web.1', { type: 'spawned', run: run('web.1'), pid: 102 });
  exited('web.1', survivors);
  exited('db.1', false);
  tell('db.1', { type: 'spawned', run: run('db.1'), pid: 103 });
  expect(spawned).toEqual(['db.1', 'web.1', 'db.1']);
  for (let left = times; left > 0; left -= 1) tell('web.1', { type: 'cleared', run: run('web.1') });
  expect(spawned).toEqual(['db.1', 'web.1', 'db.1', 'web.1']);
  expect(state.members.get('web.1')?.process.phase.name).toBe('starting');
});
