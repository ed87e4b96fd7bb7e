/**
 * Producers and consumers in three languages at one durable queue, while they and their supervisor are killed again and
 * again: every message that was answered is worked on, and no run is repeated without its attempt saying so.
 * SOAK_SECONDS: how long (20); a night's kind of test is `SOAK_SECONDS=1800 npx vitest run tests/soak/queues`.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { gone, project, type Project } from '../../helpers/daemon.ts';
import { nodeWithSqlite, pathWith } from '../../helpers/node-with-sqlite.ts';
import { seeded } from '../../simulation/random.ts';
import { account } from './accounts.ts';
import { startCrew } from './crew.ts';

const SECONDS = Number(process.env['SOAK_SECONDS'] ?? 20);
const SEED = Number(process.env['SOAK_SEED'] ?? 5);
const NODE = nodeWithSqlite();
const QUEUE = 'night';

/** Of a killed supervisor, on average. */
const LIFE_MS = 6000;
const BETWEEN_KILLS_MS = 400;

interface Info {
  readonly name: string;
  readonly ready: number;
  readonly delayed: number;
  readonly leased: number;
  readonly dead: number;
}

test.skipIf(NODE === undefined || process.platform !== 'linux')(
  `every message is accounted for after ${String(SECONDS)} seconds of kill -9`,
  async () => {
    const app = project('web: exec sleep infinity', {
      env: { PATH: pathWith(NODE ?? '') },
      mayLeavePipes: true,
    });
    mkdirSync(join(app.root, 'notes'));
    let supervisor = await app.up();
    // A run is repeated as often as it is killed: that is no dead letter here.
    await app.run('queue', 'set', QUEUE, '--attempts', '1000', '--backoff', '20ms', '--maxsize', '2000');
    const crew = startCrew({
      root: app.root,
      env: { ...app.env, TEST_MARK: app.mark.slice('TEST_MARK='.length) },
      queue: QUEUE,
      socket: () => app.owner()?.socket ?? '',
    });
    onTestFinished(async () => {
      await crew.dismiss('producer');
      await crew.dismiss('consumer');
    });

    const random = seeded(SEED);
    const resident: number[] = [];
    const ends = performance.now() + SECONDS * 1000;
    let nextDeath = performance.now() + LIFE_MS;
    while (performance.now() < ends) {
      await rest(2 * BETWEEN_KILLS_MS * random.next());
      crew.killOne(random);
      if (performance.now() < nextDeath) continue;
      resident.push(residentOf(supervisor));
      process.kill(supervisor, 'SIGKILL');
      await gone([supervisor]);
      supervisor = await app.up();
      nextDeath = performance.now() + 2 * LIFE_MS * random.next();
    }
    await crew.dismiss('producer');
    const info = async (): Promise<Info | undefined> =>
      (await app.json<readonly Info[]>('queue', 'ls', '--json')).find(({ name }) => name === QUEUE);
    for (let left = await info(); (left?.ready ?? 0) + (left?.delayed ?? 0) + (left?.leased ?? 0) > 0;) {
      await rest(100);
      left = await info();
    }
    await crew.dismiss('consumer');
    const dead = await takeDead(app);
    const accounts = account(crew.notes(), dead);
    const { wrong, ...figures } = accounts;
    const mostMb = Math.max(...resident) / 1e6;
    process.stdout.write(
      `${JSON.stringify({ ...figures, killed: crew.killed, supervisors: resident.length, mostMb })}\n`,
    );
    expect(wrong.slice(0, 20)).toEqual([]);
    expect(figures.answered).toBeGreaterThan(SECONDS);
    expect(figures.poison).toBeGreaterThan(0);
  },
  (SECONDS + 300) * 1000,
);

/** The texts of all dead letters, which are removed: the command shows 1000 at most. */
async function takeDead(app: Project): Promise<readonly string[]> {
  const texts: string[] = [];
  for (;;) {
    const some = await app.json<readonly { readonly id: string; readonly message: string }[]>(
      ...['queue', 'dead', QUEUE, '-n', '1000', '--json'],
    );
    if (some.length === 0) return texts;
    texts.push(...some.map(({ message }) => message));
    expect(await app.run('queue', 'rm', QUEUE, ...some.map(({ id }) => id))).toMatchObject({ status: 0 });
  }
}

function residentOf(pid: number): number {
  return (
    Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1] ?? NaN) * 1024
  );
}
