/** A queue in Redis that supervisors of several directories share, as those of several hosts do. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { openQueue } from '../../src/library/queue/queue.ts';
import { gone, project, type Project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { startRedis, whyNoRedis, type RedisServer } from '../helpers/redis-server.ts';
import { scratch } from '../helpers/scratch.ts';

async function redisHere(): Promise<RedisServer> {
  const redis = await startRedis(scratch());
  onTestFinished(() => redis.kill('SIGKILL'));
  return redis;
}

interface Counts {
  readonly ready: number;
  readonly delayed: number;
  readonly leased: number;
  readonly dead: number;
}

describe.skipIf(whyNoRedis() !== undefined)(`queues in Redis ${whyNoRedis() ?? ''}`, () => {
  test('by the command, by procsup.yaml, and without the password', async () => {
    const redis = await redisHere();
    const app = project('web: exec sleep infinity', {
      files: { 'procsup.yaml': `queues: {jobs: {on: '${redis.url}', attempts: 2, backoff: 0}}` },
    });
    await app.up();
    const other = project('web: exec sleep infinity');
    await other.up();
    expect((await app.run('queue', 'put', 'jobs', 'a', 'b')).stdout).toMatch(/^[a-z0-9-]+\n[a-z0-9-]+\n$/);
    // Only its own supervisor has 'jobs' without --on.
    expect(await other.run('queue', 'get', 'jobs')).toMatchObject({ status: 1 });
    expect((await other.run('queue', 'get', 'jobs', '--on', redis.url)).stdout).toBe('a\n');
    expect((await app.run('queue', 'ls')).stdout).toMatch(new RegExp(`jobs +1 +0 +0 +0 +0 +${redis.url}`));
    const worker = other.begin('queue', 'work', 'jobs', '--on', redis.url, '--', 'echo got {}; exit 1');
    await worker.says('got b');
    await worker.complains('the command exited with code 1');
    await until(() => worker.stdout.split('got b').length === 3, 'the second attempt');
    worker.kill('SIGTERM');
    await worker.ended;
    expect((await app.run('queue', 'dead', 'jobs')).stdout).toMatch(
      /dead {2}2 attempts {2}b\n(.*code 1\n){2}$/,
    );
    const wrong = await app.run('queue', 'put', 'jobs', 'x', '--on', 'redis://:secret@127.0.0.1:1');
    expect(wrong.status).not.toBe(0);
    expect(wrong.stderr).toContain('cannot connect to redis://127.0.0.1:1: ');
    expect(wrong.stderr).not.toContain('secret');
    const priority = await app.run('queue', 'put', 'jobs', 'x', '--priority', '1');
    expect(priority.stderr).toContain('has no priority above 0');
  });

  test('three hosts, one killed in the middle: nothing is lost, or done twice without the attempt saying so', async () => {
    const redis = await redisHere();
    const hosts = [0, 1, 2].map(() =>
      project('web: exec sleep infinity', {
        files: { 'procsup.yaml': `queues: {jobs: {on: '${redis.url}', attempts: 9, backoff: 10ms}}` },
      }),
    );
    const supervisors: number[] = [];
    for (const host of hosts) supervisors.push(await host.up());
    const queueOf = (host: Project | undefined) =>
      openQueue('jobs', { socket: host?.owner()?.socket ?? expect.fail('no supervisor') });
    const values = Array.from({ length: 2000 }, (_, at) => `m${String(at)}`);
    const producer = await queueOf(hosts[0]);
    for (let at = 0; at < values.length; at += 500) await producer.put(values.slice(at, at + 500));

    const runs: { readonly text: string; readonly attempt: number }[] = [];
    const done = new Set<string>();
    let isOver = false;
    const reader = async (host: Project | undefined): Promise<void> => {
      const queue = await queueOf(host);
      onTestFinished(() => queue.close());
      while (!isOver) {
        for (const message of await queue.get({ count: 5, waitMs: 500 })) {
          runs.push({ text: message.text, attempt: message.attempt });
          done.add(message.text);
          await message.ack();
        }
      }
    };
    const readers = hosts.flatMap((host) => [reader(host), reader(host)]);
    const ends = Promise.allSettled(readers);
    await until(() => done.size > 500, 'work');
    const [, victim = 0] = supervisors;
    process.kill(victim, 'SIGKILL');
    await gone([victim]);
    await until(() => done.size === values.length, 'all of it');
    // The last ones that the killed host had given out may come once more.
    const counts = async () => {
      const [info] = (await hosts[0]?.json<readonly Counts[]>('queue', 'ls', '--json')) ?? [];
      return info ?? expect.fail('no queue');
    };
    for (let left = await counts(); left.ready + left.delayed + left.leased > 0;) left = await counts();
    isOver = true;
    const ended = (await ends).map(({ status }) => status);
    expect(ended).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected', 'fulfilled', 'fulfilled']);

    const first = new Set<string>();
    const again = runs.filter(({ text }) => first.has(text) || !first.add(text));
    expect(again.filter(({ attempt }) => attempt < 2)).toEqual([]);
    // No more than the two readers had.
    expect(again.length).toBeLessThanOrEqual(10);
    expect(await counts()).toMatchObject({ ready: 0, delayed: 0, leased: 0, dead: 0 });
    producer.close();
    // What the killed one left is cleared away by its successor.
    await hosts[1]?.up();
  });
});
