/** What the supervisor relies on in a `Guard`, tried on that of the tests and on the real one. */
import { spawn } from 'node:child_process';
import { describe, expect, onTestFinished, test } from 'vitest';
import { becomes } from '../helpers/eventually.ts';
import { createFakeWorld, SCRIPTS } from '../helpers/fake-world.ts';
import { host } from '../helpers/host.ts';
import { isAlive } from '../helpers/proc.ts';

interface World {
  /** A program that leads a group, and lives until it is ended. */
  launch(): number;
  add(pid: number): Promise<unknown>;
  remove(pid: number): Promise<unknown>;
  /** The process with the guard is killed by SIGKILL. */
  die(): void;
  ends(pid: number): Promise<boolean>;
  lives(pid: number): boolean;
}

function fakeWorld(): Promise<World> {
  const { launcher, guard, programs, die } = createFakeWorld();
  const nothing = { refused: () => undefined, exited: () => undefined };
  const lives = (pid: number) => programs.some((program) => program.pid === pid && program.isAlive);
  return Promise.resolve({
    launch() {
      let launched = 0;
      const spawned = (pid: number): void => void (launched = pid);
      const request = { runId: 'M:', script: SCRIPTS.live, root: '/', env: {} };
      launcher.launch(request, { ...nothing, spawned });
      return launched;
    },
    add(pid) {
      guard.add(pid);
      return Promise.resolve();
    },
    remove(pid) {
      guard.remove(pid);
      return Promise.resolve();
    },
    die,
    ends: (pid) => Promise.resolve(!lives(pid)),
    lives,
  });
}

async function realWorld(): Promise<World> {
  const { does, kill } = host('os/process/guardian.ts');
  await does(
    `void (globalThis.guard = it.createGuardian({ runTag: 'contract-${process.pid}:', directory: '', fifos: [], onLost() {} }))`,
  );
  return {
    launch() {
      const child = spawn('sleep', ['infinity'], { stdio: 'ignore', detached: true });
      onTestFinished(() => void child.kill('SIGKILL'));
      return child.pid ?? 0;
    },
    add: (pid) => does(`guard.add(${pid})`),
    remove: (pid) => does(`guard.remove(${pid})`),
    die: () => kill('SIGKILL'),
    ends: (pid) => becomes(() => !isAlive(pid)),
    lives: isAlive,
  };
}

describe.each([
  ['fake', fakeWorld],
  ['real', realWorld],
])('the %s guard', (_kind, createWorld) => {
  test('ends what it guards when its process dies, and nothing before', async () => {
    const world = await createWorld();
    const [one, other] = [world.launch(), world.launch()];
    await world.add(one);
    await world.add(other);
    expect([world.lives(one), world.lives(other)]).toEqual([true, true]);
    world.die();
    expect(await world.ends(one)).toBe(true);
    expect(await world.ends(other)).toBe(true);
  });

  test('lets live what it does not guard any more', async () => {
    const world = await createWorld();
    const pids = [world.launch(), world.launch(), world.launch()] as const;
    for (const pid of pids) await world.add(pid);
    await world.remove(pids[1]);
    await world.remove(pids[1]);
    world.die();
    expect(await world.ends(pids[0])).toBe(true);
    expect(await world.ends(pids[2])).toBe(true);
    expect(world.lives(pids[1])).toBe(true);
  });
});
