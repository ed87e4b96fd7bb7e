/** What a program says by itself. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { Answer } from '../../../src/core/check/answer.ts';
import { openEndpoints } from '../../../src/os/check/endpoints.ts';
import { loadFastKoffiSockets } from '../../../src/os/pipes/koffi-addon.ts';
import { createPipePool } from '../../../src/os/pipes/pool.ts';
import { until } from '../../helpers/eventually.ts';
import { openCheckWorld } from '../../helpers/subject.ts';

test('what was said before anybody listened counts, and a status is told until then', async () => {
  const world = await openCheckWorld();
  await world.notify('STATUS=reading');
  const answers: Answer[] = [];
  world.prober.ask({ kind: 'notify' }, world.subject, (answer) => answers.push(answer));
  await until(() => answers.length > 0, 'the status is heard');
  expect(answers).toEqual([{ is: 'no', words: 'no READY=1 at its NOTIFY_SOCKET (its status: reading)' }]);
  await world.notify('READY=1');
  await until(() => answers.length > 1, 'the message is heard');
  expect(answers[1]).toEqual({ is: 'yes' });
});

test('what is said to the socket of one run makes no other one ready', async () => {
  const [earlier, next] = [await openCheckWorld(), await openCheckWorld()];
  const answers: string[] = [];
  earlier.prober.ask({ kind: 'notify' }, earlier.subject, () => answers.push('earlier'));
  next.prober.ask({ kind: 'notify' }, next.subject, () => answers.push('next'));
  await earlier.notify('READY=1');
  await until(() => answers.length > 0, 'the message is heard');
  await next.notify('READY=1');
  await until(() => answers.length > 1, 'the second message is heard');
  expect(answers).toEqual(['earlier', 'next']);
});

const NOTIFY = '/usr/bin/systemd-notify';

/** It sends a descriptor and waits for 5 s until all copies of that are closed; then it fails. */
test.skipIf(!existsSync(NOTIFY))(
  'systemd-notify is not kept waiting, before and after it is ready',
  async () => {
    const pipes = createPipePool(1);
    onTestFinished(() => pipes.close());
    const opened = await openEndpoints([{ kind: 'notify' }], { pipes, loadSockets: loadFastKoffiSockets });
    if ('by' in opened) return expect.fail(opened.message);
    onTestFinished(() => opened.close());
    const run = promisify(execFile);
    const answers: Answer[] = [];
    opened.listen({ kind: 'notify' }, process.pid, (answer) => answers.push(answer));
    for (const words of [['--status=soon'], ['--ready'], ['--status=later']]) {
      await run(NOTIFY, words, { env: { ...opened.env } });
    }
    expect(answers.map(({ is }) => is)).toEqual(['no', 'yes', 'no']);
  },
);

test('without koffi it is refused for good, with what to use instead', async () => {
  const pipes = createPipePool(1);
  onTestFinished(() => pipes.close());
  const opened = await openEndpoints([{ kind: 'notify' }], {
    pipes,
    loadSockets: () => Promise.resolve(undefined),
  });
  expect(opened).toMatchObject({ by: 'refusal', error: 'ENOTSUP', lasting: true });
  expect('message' in opened && opened.message).toContain('koffi');
});
