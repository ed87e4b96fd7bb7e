import { expect, test } from 'vitest';
import type { AppSpec } from '../../src/core/plan/app-spec.ts';
import { newMember, type Member } from '../../src/core/fleet/state.ts';
import { NEW_PROCESS, type Phase } from '../../src/core/process/state.ts';
import { untilStarted } from '../../src/host/daemon/until-started.ts';
import type { Running } from '../../src/host/wire.ts';

const COUNT = 1000;

/** Each becomes ready in its turn, and the next one starts. */
test('of many that wait for each other, a change costs a look at a few', async () => {
  const instances = Array.from({ length: COUNT }, (_, at) => ({
    name: `p${String(at)}.1`,
    process: `p${String(at)}`,
  }));
  const phases = new Map<string, Phase>();
  let looks = 0;
  let tell = (): void => expect.fail('nobody listens');
  const members = {
    get: (name: string): Member => {
      looks += 1;
      const phase = phases.get(name) ?? { name: 'idle' };
      return { ...newMember({ run: 0, timer: 0 }), process: { ...NEW_PROCESS, phase } };
    },
  };
  const running = {
    supervisor: { state: { spec: { byName: new Map() }, tallies: new Map(), members } },
    onChange: (listener: () => void) => {
      tell = listener;
      return () => undefined;
    },
  } as unknown as Running;
  const becomes = (at: number, ready: boolean): void => {
    phases.set(`p${String(at)}.1`, { name: 'running', pid: 7, since: 0, ready });
  };

  becomes(0, false);
  let isOver = false;
  const started = untilStarted(running, instances as unknown as AppSpec['instances'], { wait: 'ready' }).then(
    (isLate) => {
      isOver = true;
      return isLate;
    },
  );
  for (let at = 0; at < COUNT; at += 1) {
    await Promise.resolve();
    expect(isOver).toBe(false);
    becomes(at, true);
    if (at + 1 < COUNT) becomes(at + 1, false);
    tell();
  }
  expect(await started).toBe(false);
  expect(looks).toBeLessThan(COUNT * 5);
});
