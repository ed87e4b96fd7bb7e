/** What is read of the system, and how soon a new socket is found. A look takes 5 ms of the clock here. */
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { ListeningSocket } from '../../../src/core/check/answer.ts';
import { tableOfProc } from '../../../src/os/check/listening-table.ts';
import { createTreeSockets } from '../../../src/os/check/tree-sockets.ts';
import { createStatReader } from '../../../src/os/proc/stat-reader.ts';
import { createProcTrees } from '../../../src/os/proc/tree.ts';
import { createVirtualClock } from '../../helpers/virtual-clock.ts';

/** This process is the tree, and the test says when its server appears in the table. */
async function setUp() {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { readonly port: number };
  const own = (tableOfProc() ?? []).filter((socket) => socket.port === port);
  const clock = createVirtualClock();
  const counts = { looks: 0, tables: 0 };
  let shown: readonly ListeningSocket[] = [];
  const trees = createProcTrees(createStatReader(0));
  const sockets = createTreeSockets(
    () => {
      counts.tables += 1;
      return shown;
    },
    { ...clock, now: () => clock.now() + 5 * counts.looks },
    {
      update(roots, others) {
        counts.looks += 1;
        return trees.update(roots, others);
      },
    },
  );
  onTestFinished(() => sockets.close());
  const answers: (number | undefined)[] = [];
  return {
    ...{ clock, counts, answers, port },
    watch: (changed: () => void) => sockets.watch(process.pid, changed),
    ask: (anew?: 'anew') => sockets.look(process.pid, (found) => answers.push(found?.length), anew),
    show: (isShown: boolean) => void (shown = isShown ? own : []),
  };
}

test('a new socket is found within 5 ms, however often it was asked for in vain', async () => {
  const { clock, watch, ask, show, answers } = await setUp();
  let changes = 0;
  watch(() => (changes += 1));
  ask();
  clock.advance(500);
  ask();
  clock.advance(1);
  expect([answers, changes]).toEqual([[0, 0], 0]);
  show(true);
  clock.advance(5);
  expect(changes).toBe(1);
  ask();
  clock.advance(1);
  expect(answers).toEqual([0, 0, 1]);
});

test('where nothing changes questions cost a look a second, and a reading of the table each', async () => {
  const { clock, watch, ask, answers, counts } = await setUp();
  watch(() => undefined);
  ask();
  clock.advance(100);
  const before = { ...counts };
  for (let asked = 0; asked < 200; asked += 1) {
    ask();
    clock.advance(10);
  }
  expect(answers).toHaveLength(201);
  expect(counts.looks - before.looks).toBe(2);
  // Each look reads it, too.
  expect(counts.tables - before.tables).toBeLessThanOrEqual(200 + 400 + 2);
});

test('without anybody who watches, what has changed is seen by who asks', async () => {
  const { clock, ask, show, answers, counts } = await setUp();
  const steps = [false, true, true, false];
  for (const isShown of steps) {
    show(isShown);
    ask();
    clock.advance(200);
  }
  expect([answers, counts.looks]).toEqual([[0, 1, 1, 0], 3]);
  clock.advance(60_000);
  expect(clock.timerCount).toBe(0);
});

test('many sockets that come and go cost a tenth of the time', async () => {
  const { clock, watch, show, counts } = await setUp();
  watch(() => undefined);
  for (let ms = 0; ms < 1000; ms += 5) {
    show(ms % 10 === 0);
    clock.advance(5);
  }
  expect(counts.looks).toBeLessThanOrEqual(25);
  expect(counts.looks).toBeGreaterThan(10);
});
