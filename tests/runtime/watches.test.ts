/** Watches with a tree, a supervisor and a repository that do what the test says. */
import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/core/events.ts';
import { newMember, type Member } from '../../src/core/fleet/member.ts';
import type { InstanceSpec } from '../../src/core/plan/app-spec.ts';
import { servicePlan, type WatchPlan } from '../../src/core/plan/process-plan.ts';
import { WATCH_DEFAULTS } from '../../src/core/plan/watching.ts';
import type { Content } from '../../src/core/watch/content.ts';
import type { TreeOrder } from '../../src/ports/tree-watcher.ts';
import { createWatches } from '../../src/runtime/watches.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

const ROOT = '/p';
const watch = (paths: readonly string[], more: Partial<WatchPlan> = {}): WatchPlan => ({
  ...WATCH_DEFAULTS,
  paths,
  ...more,
});

/** By process: what it watches. */
function watching(plans: Readonly<Record<string, WatchPlan>>, instances = 1) {
  const clock = createVirtualClock();
  const place = { file: 'Procfile', line: 1, column: 1, length: 1, text: '' };
  const specs = new Map<string, InstanceSpec>();
  const define = (process: string, plan: WatchPlan): void => {
    for (let instance = 1; instance <= instances; instance += 1) {
      const name = `${process}.${String(instance)}`;
      const service = { ...servicePlan(process, 'true', place), watch: plan };
      specs.set(name, { name, process, plan: service } as unknown as InstanceSpec);
    }
  };
  for (const [process, plan] of Object.entries(plans)) define(process, plan);
  const members = new Map<string, Member>();
  const set = (name: string, phase: object, more: object = {}, run = 1): void => {
    const base = newMember({ run: 0, timer: 0 });
    members.set(name, { ...base, goal: 'up', ...more, process: { ...base.process, run, phase } } as Member);
  };
  const running = { name: 'running', pid: 1, since: 0, ready: true };
  for (const name of specs.keys()) set(name, running);
  const said: string[] = [];
  const files = new Map<string, Content>();
  let version = 0;
  let order: TreeOrder | undefined;
  let trees = 0;
  const ignored = new Set<string>();
  let isGitBusy = false;
  let endTask: (hasSucceeded: boolean) => void = () => undefined;
  const gone = new Set<string>();
  const watches = createWatches({
    ...{ clock, root: ROOT, excluded: ['/p/state'], isClosing: () => false },
    openTree(given) {
      order = given;
      trees += 1;
      return {
        ready: Promise.resolve(),
        known: Promise.resolve(),
        count: () => ({ watched: 0, polled: 0 }),
        look(paths) {
          isGitBusy = false;
          const now = new Map(paths.map((path) => [path, files.get(path) ?? 'missing']));
          return Promise.resolve({ now, isMoving: false });
        },
        learn: () => Promise.resolve(),
        isThere: (path) => !gone.has(path),
        close: () => undefined,
      };
    },
    repository: {
      ignored: (_, paths) => Promise.resolve(new Set(paths.filter((path) => ignored.has(path)))),
      isBusy: () => isGitBusy,
    },
    instances: () => specs,
    memberOf: (name) => members.get(name),
    restart: (names, cause) => said.push(`restart ${names.join(' ')}: ${cause.files.join(' ')}`),
    signal: (names, signal, cause) => said.push(`${signal} ${names.join(' ')}: ${cause.files.join(' ')}`),
    run: ({ name }, command) => said.push(`run ${command} beside ${name}`),
    runTask({ name }, task, cause) {
      said.push(`task ${task} for ${name}: ${cause.files.join(' ')}`);
      return new Promise((resolve) => (endTask = resolve));
    },
    record: (event: Event) => said.push(event.type),
  });
  return {
    watches,
    define,
    set,
    running,
    ignored,
    trees: () => trees,
    /** Until somebody has looked. */
    gitWorks: () => void (isGitBusy = true),
    endTask: (hasSucceeded: boolean) => endTask(hasSucceeded),
    save(...paths: readonly string[]): void {
      const before = new Map(paths.map((path) => [path, files.get(path) ?? ('missing' as const)]));
      for (const path of paths)
        files.set(path, { size: 1, mtimeMs: 1, ctimeMs: (version += 1), hash: version });
      order?.onChange(before);
    },
    async pass(ms: number): Promise<readonly string[]> {
      for (let left = ms; left >= 0; left -= 50) {
        clock.advance(50);
        // The looks of the tree are promises.
        for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      }
      return said.splice(0);
    },
  };
}

test('each process acts on what it watches', async () => {
  const trial = watching({
    web: watch(['src']),
    api: watch(['lib'], { action: { kind: 'signal', signal: 'SIGHUP' } }),
    css: watch(['css'], { action: { kind: 'command', command: 'make css' } }),
  });
  trial.save('/p/src/a.ts');
  expect(await trial.pass(400)).toEqual(['restart web.1: src/a.ts']);
  trial.save('/p/lib/a.ts', '/p/css/b.css', '/p/other');
  expect(await trial.pass(400)).toEqual(['SIGHUP api.1: lib/a.ts', 'run make css beside css.1']);
});

test('processes that watch the same files are restarted by one request', async () => {
  const trial = watching({ web: watch(['src']), worker: watch(['src', 'lib']) });
  trial.save('/p/src/a.ts');
  expect(await trial.pass(400)).toEqual(['restart web.1 worker.1: src/a.ts']);
});

test('one whose debounce is longer misses nothing that another has looked at', async () => {
  const trial = watching({ web: watch(['src']), slow: watch(['src'], { debounceMs: 1000 }) });
  trial.save('/p/src/a.ts');
  expect(await trial.pass(400)).toEqual(['restart web.1: src/a.ts']);
  expect(await trial.pass(1000)).toEqual(['restart slow.1: src/a.ts']);
});

test('a stopped process is not started by a save, the other instances are restarted', async () => {
  const trial = watching({ web: watch(['src']) }, 2);
  trial.set('web.2', { name: 'exited', exit: { by: 'signal', signal: 'SIGTERM' } }, { goal: 'down' });
  trial.watches.changed(['web.2']);
  trial.save('/p/src/a.ts');
  expect(await trial.pass(400)).toEqual(['restart web.1: src/a.ts']);
  trial.set('web.1', { name: 'idle' }, { goal: 'down' });
  trial.save('/p/src/a.ts');
  expect(await trial.pass(400)).toEqual([]);
});

test('a process that has ended by itself is started by a save, and says that it waits for one', async () => {
  const trial = watching({ web: watch(['src']) });
  trial.set('web.1', { name: 'exited', exit: { by: 'code', code: 1 } });
  trial.watches.changed(['web.1']);
  trial.watches.changed(['web.1']);
  expect(await trial.pass(0)).toEqual(['awaits-change']);
  trial.save('/p/src/a.ts');
  expect(await trial.pass(400)).toEqual(['restart web.1: src/a.ts']);
});

test('what changes before a run begins does not restart it, unless another instance lives', async () => {
  const alone = watching({ web: watch(['src']) });
  alone.save('/p/src/a.ts');
  alone.set('web.1', { name: 'starting' }, {}, 2);
  alone.watches.changed(['web.1']);
  expect(await alone.pass(1000)).toEqual([]);
  const two = watching({ web: watch(['src']) }, 2);
  two.save('/p/src/a.ts');
  two.set('web.2', { name: 'starting' }, {}, 2);
  two.watches.changed(['web.2']);
  expect(await two.pass(1000)).toEqual(['restart web.1 web.2: src/a.ts']);
});

test('git is asked only where that is wanted', async () => {
  const trial = watching({ web: watch(['src'], { gitignore: true }), api: watch(['src']) });
  trial.ignored.add('/p/src/a.ts');
  trial.save('/p/src/a.ts');
  expect(await trial.pass(400)).toEqual(['restart api.1: src/a.ts']);
});

test('a reload that changes what is watched makes the tree anew, another does not', async () => {
  const trial = watching({ web: watch(['src']) });
  trial.define('web', watch(['src']));
  trial.watches.changed(['web.1']);
  expect(trial.trees()).toBe(1);
  trial.define('web', watch(['lib']));
  trial.watches.changed(['web.1']);
  expect(trial.trees()).toBe(2);
  trial.save('/p/src/a.ts');
  trial.save('/p/lib/a.ts');
  expect(await trial.pass(400)).toEqual(['restart web.1: lib/a.ts']);
});

test('after the end nothing is done', async () => {
  const trial = watching({ web: watch(['src']) });
  trial.save('/p/src/a.ts');
  trial.watches.close();
  expect(await trial.pass(1000)).toEqual([]);
});

describe('a task that is run first', () => {
  test('when it has succeeded the process is restarted', async () => {
    const trial = watching({ web: watch(['src'], { task: 'build' }) });
    trial.save('/p/src/a.ts');
    expect(await trial.pass(400)).toEqual(['task build for web.1: src/a.ts']);
    trial.endTask(true);
    expect(await trial.pass(100)).toEqual(['restart web.1: src/a.ts']);
  });

  test('when it fails the old one runs on, and the next change tries again', async () => {
    const trial = watching({ web: watch(['src'], { task: 'build' }) });
    trial.save('/p/src/a.ts');
    await trial.pass(400);
    trial.endTask(false);
    expect(await trial.pass(100)).toEqual([]);
    trial.save('/p/src/b.ts');
    expect(await trial.pass(400)).toEqual(['task build for web.1: src/b.ts']);
    trial.endTask(true);
    expect(await trial.pass(100)).toEqual(['restart web.1: src/b.ts']);
  });

  test('it runs once for all processes that name it, and once more for what changes meanwhile', async () => {
    const trial = watching({
      web: watch(['src'], { task: 'build' }),
      api: watch(['src', 'lib'], { task: 'build' }),
    });
    trial.save('/p/src/a.ts');
    expect(await trial.pass(400)).toEqual(['task build for web.1: src/a.ts']);
    trial.save('/p/lib/b.ts');
    expect(await trial.pass(400)).toEqual([]);
    trial.endTask(true);
    expect(await trial.pass(100)).toEqual(['task build for web.1: src/a.ts lib/b.ts']);
    trial.endTask(true);
    expect(await trial.pass(100)).toEqual(['restart web.1: src/a.ts', 'restart api.1: lib/b.ts src/a.ts']);
  });

  test('a process that is stopped meanwhile is not started', async () => {
    const trial = watching({ web: watch(['src'], { task: 'build' }) });
    trial.save('/p/src/a.ts');
    await trial.pass(400);
    trial.set('web.1', trial.running, { goal: 'down' });
    trial.endTask(true);
    expect(await trial.pass(100)).toEqual([]);
  });
});

test('git that is at work when a look begins, and not when it ends, is waited for', async () => {
  const trial = watching({ web: watch(['src']) });
  trial.gitWorks();
  trial.save('/p/src/a.ts');
  expect(await trial.pass(200)).toEqual([]);
  expect(await trial.pass(200)).toEqual(['restart web.1: src/a.ts']);
});
