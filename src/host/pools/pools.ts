/** The pools of procsup.yaml: their workers, which are instances of the fleet, and what clients ask of them. */
import type { Event } from '../../core/events.ts';
import type { Member } from '../../core/fleet/state.ts';
import { poolOf } from '../../core/plan/process-plan.ts';
import { snapshotOf } from '../../core/snapshot.ts';
import type { PoolApi, PoolSnapshot } from '../../control/pool-api.ts';
import { systemClock } from '../../os/clock.ts';
import type { PipePool } from '../../os/pipes/pool.ts';
import { shareDescriptor } from '../../os/pipes/shared-descriptor.ts';
import type { MakeStagePipes } from '../../os/pipes/stage-spawn.ts';
import { refusalOf } from '../../os/process/spawn.ts';
import { closeEnds, type LineLinkPipes } from '../../os/worker/line-link.ts';
import type { PoolWorkers } from '../../ports/pool-workers.ts';
import type { Supervisor } from '../../runtime/supervisor.ts';
import type { RunOutput } from '../../runtime/supervisor-options.ts';
import type { Queues } from '../../runtime/exchange/queues/queues.ts';
import { createPool, reasonOf, type SupervisedPool } from './pool.ts';
import { createStrayOutput } from './stray-output.ts';
import { createWorkerRun, type WorkerRequests, type WorkerRun } from './worker-run.ts';
import { workersByPool } from './workers-by-pool.ts';

export interface PoolsOptions {
  readonly supervisor: Supervisor;
  readonly makePipes: MakeStagePipes;
  readonly pipes: Pick<PipePool, 'take'>;
  readonly output: Pick<RunOutput, 'attachHook'>;
  readonly record: (event: Event) => void;
  /** Loads them. */
  readonly queues: () => Promise<Queues>;
}

export interface Pools extends PoolWorkers, PoolApi {
  /** These members have changed. */
  changed(names: readonly string[]): void;
}

/** Half of its time to stop is for the task that it has, and the rest for what the signal makes it do. */
const SHARE_TO_FINISH = 0.5;

export function createPools(options: PoolsOptions): Pools {
  const { supervisor, makePipes, pipes, output, record, queues } = options;
  const pools = new Map<string, SupervisedPool>();
  /** By instance: our ends, for a run that is about to begin. */
  const opened = new Map<string, LineLinkPipes>();
  const runs = new Map<string, WorkerRun>();
  /** By instance: ends the wait for the end of one that is to stop. */
  const finishing = new Map<string, () => void>();
  const workersOf = workersByPool(supervisor);

  const membersOf = (pool: string): readonly Member[] =>
    workersOf(pool).flatMap(({ name }) => {
      const member = supervisor.state.members.get(name);
      return member === undefined || member.departing ? [] : [member];
    });

  const poolNamed = (name: string): SupervisedPool | undefined => {
    const known = pools.get(name);
    let plan = poolOf(workersOf(name)[0]?.plan);
    if (known !== undefined || plan === undefined) return known;
    const current = plan;
    const pool = createPool({
      name,
      // That of its last worker, when a reload has taken it away.
      plan: () => (plan = poolOf(workersOf(name)[0]?.plan) ?? plan ?? current),
      members: () => membersOf(name),
      isEnding: () => supervisor.state.closing !== null || supervisor.state.finished,
      openQueue: async (queue) => (await queues()).open(queue),
      claims: (who, uses, gone) => supervisor.claim(who, uses, gone),
      async giveUp(reason) {
        const names = workersOf(name).map((worker) => worker.name);
        record({ type: 'pool-failed', pool: name, names, reason });
        await supervisor.ask('stop', names, { by: 'pool', why: reason });
      },
    });
    pools.set(name, pool);
    return pool;
  };

  const requestsFor = (name: string): WorkerRequests => ({
    kill: () => supervisor.send({ type: 'signal', names: [name], signal: 'SIGKILL' }),
    restart(why, how) {
      const cause = { by: 'pool', why } as const;
      void supervisor.ask('restart', [name], cause, how === 'at once' ? { graceMs: 0 } : {});
    },
  });

  const snapshot = (name: string): PoolSnapshot => {
    const pool = poolNamed(name);
    const standing = pool?.standing ?? { is: 'stopped' };
    const instances = workersOf(name);
    const states = snapshotOf(supervisor.state, instances, new Map(), systemClock.now());
    const busy = pool?.busy ?? new Set();
    return {
      name,
      state: STATES[standing.is],
      reason: reasonOf(standing, name) ?? pool?.feed.trouble ?? null,
      queue: poolOf(instances[0]?.plan)?.queue ?? null,
      size: instances.length,
      workers: states.map((one) => ({ name: one.name, state: one.state, busy: busy.has(one.name) })),
      busy: busy.size,
      ...(pool?.counts ?? { waiting: 0, done: 0, failed: 0 }),
    };
  };

  return {
    async open({ name }, root) {
      try {
        const [input, answers] = await makePipes(2);
        if (input === undefined || answers === undefined) throw new Error('no pipe was made');
        const before = opened.get(name);
        if (before !== undefined) closeEnds(before);
        opened.set(name, { input: input.write, output: answers.read });
        return { stdin: shareDescriptor(input.read), stdout: shareDescriptor(answers.write) };
      } catch (error) {
        return refusalOf(error, { root });
      }
    },
    began(instance, pid) {
      const { name, process } = instance;
      const ends = opened.get(name);
      opened.delete(name);
      if (ends === undefined) return;
      poolNamed(process)?.enter(name, (events, codec) => {
        const stray = (its: Parameters<typeof createStrayOutput>[2]) =>
          createStrayOutput(pipes, (fd) => void output.attachHook(fd, instance), its);
        const run = createWorkerRun(pid, ends, codec, events, requestsFor(name), stray);
        runs.set(name, run);
        return run.process;
      });
    },
    refused({ name, process }, exit) {
      const ends = opened.get(name);
      opened.delete(name);
      if (ends !== undefined) closeEnds(ends);
      poolNamed(process)?.refused(exit);
    },
    finish(name, ms, over) {
      runs.get(name)?.finish();
      finishing.get(name)?.();
      finishing.set(name, systemClock.after(ms * SHARE_TO_FINISH, over));
    },
    ended(name, exit, wasStopped) {
      const run = runs.get(name);
      runs.delete(name);
      finishing.get(name)?.();
      finishing.delete(name);
      run?.ended(exit, wasStopped);
    },
    changed(names) {
      if (pools.size === 0) return;
      const theirs = new Set(names.map((name) => supervisor.instances.get(name)?.process));
      for (const [name, pool] of pools) if (theirs.has(name)) pool.look();
    },
    pools: () => Promise.resolve(workersOf.names().map(snapshot)),
    openPool: (name) => Promise.resolve(poolNamed(name)?.client()),
  };
}

const STATES = {
  open: 'running',
  empty: 'stopped',
  stopped: 'stopped',
  failed: 'failed',
  'given-up': 'failed',
  ending: 'stopping',
} as const;
