import { expect, test } from 'vitest';
import { createWatchPlan } from '../../../src/cli/task/watch-plan.ts';
import type { TaskRun } from '../../../src/cli/task/read-run.ts';
import { graphOf } from '../../../src/core/task/graph.ts';
import { taskOf } from '../../helpers/tasks.ts';

const sources = { files: [{ path: '/app/procsup.yaml', digest: null }], globs: [] };

/** One task with these inputs. */
const runOf = (...inputs: readonly string[]): TaskRun => ({
  ...{ graph: graphOf([taskOf({ inputs })]), argsOf: () => [], source: {}, named: ['build'], sources },
  loaded: { tasks: [], root: '/app', environment: {}, caps: [] },
});

/** What is done with watches, in its order. `next` is what is read. */
function rig(next: TaskRun | undefined) {
  const log: string[] = [];
  let watches = 0;
  const plan = createWatchPlan(runOf('src'), {
    read: () => Promise.resolve({ run: next, sources }),
    watch() {
      const name = `watch ${String((watches += 1))}`;
      log.push(name);
      return {
        ready: Promise.resolve().then(() => void log.push(`${name} is ready`)),
        close: () => {
          log.push(`${name} is closed`);
          return ['/app/src/pending.ts'];
        },
      };
    },
    adopted: () => Promise.resolve(void log.push('adopted')),
    changed: (files) => void log.push(`changed: ${files.join(' ')}`),
  });
  return { plan, log };
}

test('a new watch is ready before the old one is closed, and what that had not told yet is told', async () => {
  const { plan, log } = rig(runOf('lib'));
  await plan.ready();
  const taken = await plan.take(['/app/procsup.yaml'], new Set(['build']));
  expect(taken).toEqual({ concerned: new Set([0]), reading: 'adopted' });
  expect(log).toEqual([
    ...['watch 1', 'watch 1 is ready', 'watch 2', 'watch 2 is ready', 'watch 1 is closed'],
    ...['changed: /app/src/pending.ts', 'adopted'],
  ]);
});

test('where the same files are watched, the watch goes on', async () => {
  const { plan, log } = rig(runOf('src'));
  await plan.ready();
  const taken = await plan.take(['/app/procsup.yaml'], new Set(['build']));
  expect(taken).toEqual({ concerned: new Set(), reading: 'adopted' });
  expect(log).toEqual(['watch 1', 'watch 1 is ready', 'adopted']);
});

test('a plan with errors is not adopted, and the inputs of the old one count', async () => {
  const { plan, log } = rig(undefined);
  await plan.ready();
  const taken = await plan.take(['/app/procsup.yaml', '/app/src/a.ts'], new Set(['build']));
  expect(taken).toEqual({ concerned: new Set([0]), reading: 'refused' });
  expect(log).toEqual(['watch 1', 'watch 1 is ready']);
});

test('other files are not read again', async () => {
  const { plan } = rig(undefined);
  expect(await plan.take(['/app/src/a.ts'], new Set())).toEqual({ concerned: new Set([0]), reading: 'none' });
  expect(await plan.take(['/app/other.ts'], new Set())).toEqual({ concerned: new Set(), reading: 'none' });
});
