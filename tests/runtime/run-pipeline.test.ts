import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { statusOf } from '../../src/core/process/exit.ts';
import { pipelineVerdict } from '../../src/core/pipeline/verdict.ts';
import { parsePipeline } from '../../src/core/pipeline/parse.ts';
import { systemClock } from '../../src/os/clock.ts';
import { createStopSignals } from '../../src/runtime/stop-signals.ts';
import { createProcessGroups } from '../../src/os/process/groups.ts';
import type { ProcessGroups } from '../../src/ports/processes.ts';
import type { StageLauncher, StagesEvents } from '../../src/ports/pipelines.ts';
import { runPipeline } from '../../src/runtime/run-pipeline.ts';
import { until } from '../helpers/eventually.ts';
import { isAlive, withEnvironment } from '../helpers/proc.ts';
import { stageLaunchers } from '../helpers/stage-launchers.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

describe('with a world that does as the test says', () => {
  const setUp = (count: number, { survivors = [] as number[] } = {}) => {
    const clock = createVirtualClock();
    const log: string[] = [];
    let events: StagesEvents | undefined;
    const launcher: StageLauncher = {
      launch: (_, listener) => void (events = listener),
      signal: (pid, signal) => log.push(`${signal} ${pid}`),
    };
    const processGroups: ProcessGroups = {
      signal: () => undefined,
      presenceOf: () => ({ is: 'gone' }),
      marked: () => ({ pids: survivors, missed: null }),
      carriers: () => ({ carriers: [], missed: null }),
      signalMarked(_runId, signal, except = new Set()) {
        const found = [...survivors];
        for (const pid of found) if (!except.has(pid)) log.push(`${signal} ${pid}, who was left`);
        if (signal === 'SIGKILL') survivors.length = 0;
        return { pids: found, missed: null };
      },
      signalOne: (pid, signal) => log.push(`${signal} ${pid}, who was left`),
      look: (pids) => pids.map((pid) => ({ pid, parent: 1, group: 1, started: 0 })),
      ignores: () => false,
      now: () => 0,
    };
    const stage = { script: '', args: [], env: {}, joinsStderr: false };
    const stages = Array.from({ length: count }, () => stage);
    const pipeline = runPipeline({
      ...{
        launcher,
        stopSignals: createStopSignals(processGroups),
        clock,
        runId: 'r:',
        root: '/',
        stages,
        graceMs: 3000,
      },
      onSpawned: (at, pid) => log.push(`spawned ${at} ${pid}`),
      onEnded: (at) => log.push(`ended ${at}`),
    });
    let isStarted = false;
    let ends: unknown;
    void pipeline.started.then(() => (isStarted = true));
    void pipeline.ended.then((all) => (ends = all));
    const settle = async (): Promise<void> => {
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    };
    if (events === undefined) throw new Error('not launched');
    return {
      clock,
      log,
      pipeline,
      world: events,
      isStarted: () => settle().then(() => isStarted),
      ends: () => settle().then(() => ends),
    };
  };

  test('results come in the order of the stages, with their times', async () => {
    const { world, clock, isStarted, ends, log } = setUp(3);
    world.spawned(0, 10);
    clock.advance(1);
    world.spawned(1, 11);
    expect(await isStarted()).toBe(false);
    world.refused(2, { by: 'refusal', error: 'EAGAIN', message: 'no' });
    expect(await isStarted()).toBe(true);
    clock.advance(5);
    world.exited(1, { by: 'code', code: 3 });
    expect(await ends()).toBeUndefined();
    clock.advance(1);
    world.exited(0, { by: 'signal', signal: 'SIGPIPE' });
    expect(await ends()).toEqual([
      { pid: 10, exit: { by: 'signal', signal: 'SIGPIPE' }, startedAtMs: 0, endedAtMs: 7 },
      { pid: 11, exit: { by: 'code', code: 3 }, startedAtMs: 1, endedAtMs: 6 },
      { pid: null, exit: { by: 'refusal', error: 'EAGAIN', message: 'no' }, startedAtMs: null, endedAtMs: 1 },
    ]);
    expect(log).toEqual(['spawned 0 10', 'spawned 1 11', 'ended 1', 'ended 0']);
    expect(clock.timerCount).toBe(0);
  });

  test('who ignores SIGTERM is killed when the grace is over, with what it left behind', async () => {
    const { world, clock, pipeline, ends, log } = setUp(2, { survivors: [77] });
    world.spawned(0, 10);
    world.spawned(1, 11);
    log.length = 0;
    pipeline.stop('SIGTERM');
    world.exited(0, { by: 'signal', signal: 'SIGTERM' });
    clock.advance(2999);
    expect(log.filter((line) => line.startsWith('SIGKILL'))).toEqual([]);
    clock.advance(1);
    world.exited(1, { by: 'signal', signal: 'SIGKILL' });
    expect(log).toEqual([
      ...['SIGTERM 10', 'SIGTERM 11', 'SIGTERM 77, who was left', 'SIGCONT 10', 'SIGCONT 11'],
      ...['SIGCONT 77, who was left', 'ended 0', 'SIGKILL 11', 'SIGKILL 77, who was left', 'ended 1'],
    ]);
    expect(await ends()).toHaveLength(2);
    expect(clock.timerCount).toBe(0);
  });

  test('a pipeline that ends by itself leaves alone what it left behind', async () => {
    const { world, ends, log } = setUp(1, { survivors: [77] });
    world.spawned(0, 10);
    world.exited(0, { by: 'code', code: 0 });
    expect(await ends()).toHaveLength(1);
    expect(log).toEqual(['spawned 0 10', 'ended 0']);
  });

  test('kill waits for nothing', () => {
    const { world, pipeline, log } = setUp(1);
    world.spawned(0, 10);
    pipeline.stop('SIGINT', { heard: true });
    pipeline.kill();
    expect(log).toEqual(['spawned 0 10', 'SIGKILL 10']);
  });
});

const scratch = mkdtempSync(join(tmpdir(), 'procsup-pipeline-'));
afterAll(() => rmSync(scratch, { recursive: true }));
let count = 0;

describe.each(stageLaunchers)('with real programs, by %s', (_kind, launcher) => {
  const start = (text: string, { graceMs = 10_000 } = {}) => {
    const stages = parsePipeline(text, 'pipe').value;
    if (stages === undefined) throw new Error(text);
    count += 1;
    const path = join(scratch, String(count));
    const runId = `pipeline-${process.pid}-${count}:`;
    const [stdin, stdout] = [openSync('/dev/null', 'r'), openSync(path, 'w')];
    const env = { PATH: process.env['PATH'] ?? '' };
    const pipeline = runPipeline({
      ...{
        launcher,
        stopSignals: createStopSignals(createProcessGroups()),
        clock: systemClock,
        runId,
        root: scratch,
        stdin,
        stdout,
        graceMs,
      },
      stages: stages.map(({ script, args, joinsStderr }) => ({ script, args, joinsStderr, env })),
    });
    void pipeline.started.then(() => {
      closeSync(stdin);
      closeSync(stdout);
    });
    const living = () => withEnvironment(`PROCSUP_RUN_ID=${runId}`).map(({ pid }) => pid);
    onTestFinished(() => {
      for (const pid of living()) launcher.signal(pid, 'SIGKILL');
    });
    return {
      pipeline,
      living,
      output: () => readFileSync(path, 'utf8'),
      end: async () => {
        const exits = (await pipeline.ended).map(({ exit }) => exit);
        const { status } = pipelineVerdict(exits);
        return { status, statuses: exits.map(statusOf), output: readFileSync(path, 'utf8') };
      },
    };
  };

  test.each<[text: string, status: number, statuses: readonly number[], output: string]>([
    ['yes | head -1', 0, [141, 0], 'y\n'],
    ['seq 100000 | sort -n | tail -1', 0, [0, 0, 0], '100000\n'],
    ['exit 3 | exit 4 | true', 4, [3, 4, 0], ''],
    ['kill -KILL $$ | cat', 137, [137, 0], ''],
    ['yes | true | cat', 0, [141, 0, 0], ''],
    ['no-such 2> /dev/null | cat', 127, [127, 0], ''],
    ['echo a | no-such 2> /dev/null', 127, [0, 127], ''],
    ['{ echo a; echo b >&2; } |& sort', 0, [0, 0], 'a\nb\n'],
    ['while echo y; do :; done | head -1', 0, [141, 0], 'y\n'],
  ])('%s', async (text, status, statuses, output) => {
    const end = await start(text).end();
    // A finite writer may or may not find its reader gone already.
    if (text.startsWith('echo a'))
      expect([
        [0, 127],
        [141, 127],
      ]).toContainEqual(end.statuses);
    else expect(end.statuses).toEqual(statuses);
    expect({ status: end.status, output: end.output }).toEqual({ status, output });
  });

  test('SIGTERM ends every stage, and what shells have started for them', async () => {
    const { pipeline, living, end } = start('tail -f /dev/null; true | { cat; cat; } | cat');
    await pipeline.started;
    await until(() => living().length >= 5, 'all run');
    pipeline.stop('SIGTERM');
    const { status } = await end();
    expect(status).toBe(143);
    expect(living()).toEqual([]);
  });

  test('who ignores SIGTERM is killed in the end', async () => {
    const { pipeline, living, output, end } = start(`trap '' TERM; echo ready >&2; sleep 1000 |& cat`, {
      graceMs: 200,
    });
    await until(() => output() === 'ready\n', 'it runs');
    pipeline.stop('SIGTERM');
    const { statuses } = await end();
    expect(statuses[0]).toBe(137);
    expect(living()).toEqual([]);
  });

  test('what a stage has left behind lives on, unless it was stopped', async () => {
    const gate = join(scratch, `gate-${count}`);
    execFileSync('mkfifo', [gate]);
    const left = start(`(cat ${gate} > /dev/null; :) > /dev/null 2>&1 & true | true`);
    expect((await left.end()).status).toBe(0);
    const [survivor = 0] = left.living();
    expect(isAlive(survivor)).toBe(true);
    writeFileSync(gate, '');
    await until(() => left.living().length === 0, 'it ends by itself');

    const stopped = start(`(trap '' TERM; cat ${gate}) > /dev/null 2>&1 & tail -f /dev/null | cat`, {
      graceMs: 200,
    });
    await until(() => stopped.living().length >= 4, 'all run');
    stopped.pipeline.stop('SIGTERM');
    await stopped.end();
    expect(stopped.living()).toEqual([]);
  });
});

test('there is a launcher to try', () => {
  expect(stageLaunchers.length).toBeGreaterThanOrEqual(existsSync('/proc/self/fd') ? 2 : 1);
});
