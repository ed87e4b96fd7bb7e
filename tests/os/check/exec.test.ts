/** Commands that ask: as the process itself, and gone when nobody waits for them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Answer } from '../../../src/core/check/answer.ts';
import { askExec } from '../../../src/os/check/exec.ts';
import { createPipePool } from '../../../src/os/pipes/pool.ts';
import { createLauncher } from '../../../src/os/process/spawn.ts';
import type { Subject } from '../../../src/ports/checks.ts';
import { becomes, inTime, until } from '../../helpers/eventually.ts';
import { fakeInstance } from '../../helpers/fake-instance.ts';
import { isAlive } from '../../helpers/proc.ts';
import { scratch } from '../../helpers/scratch.ts';
import { createVirtualClock } from '../../helpers/virtual-clock.ts';

function asking(command: string) {
  const pipes = createPipePool(1);
  onTestFinished(() => pipes.close());
  const guarded = new Set<number>();
  const guard = {
    add: (pid: number) => void guarded.add(pid),
    remove: (pid: number) => void guarded.delete(pid),
  };
  const clock = createVirtualClock();
  const root = scratch();
  const env = { PATH: process.env['PATH'] ?? '', GREETING: 'hello' };
  const ports = { given: 1, declared: [], ephemeral: [0, 0] } as const;
  const subject: Subject = { instance: fakeInstance('web.1', { env }), run: 1, pid: 1, root, ports };
  const tools = { launcher: createLauncher({ pipes, prelude: '' }), guard, clock, runTag: 'check-test:' };
  let stop = (): void => undefined;
  const answers: Answer[] = [];
  const answered = new Promise<Answer>((resolve) => {
    stop = askExec({ kind: 'exec', command }, subject, tools, (answer) => {
      answers.push(answer);
      resolve(answer);
    });
  });
  return { root, guarded, clock, stop: () => stop(), answers, answer: () => inTime(answered, 'an answer') };
}

/** The pid that a command has written, when it has. */
async function pidIn(root: string): Promise<number> {
  const file = join(root, 'pid');
  await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'), 'the pid is written');
  return Number(readFileSync(file, 'utf8'));
}

test('has the environment and the directory of the process', async () => {
  const { answer, root } = asking('echo "$GREETING from $(pwd)"; false');
  expect(await answer()).toMatchObject({
    is: 'no',
    words: expect.stringContaining(`: hello from ${root}`) as string,
  });
});

test.each([
  { command: 'exit 3', words: '`exit 3`: exit status 3' },
  { command: 'kill -9 $$', words: '`kill -9 $$`: terminated by SIGKILL' },
  { command: 'printf "a\\n\\033[31mb\\033[0m\\n\\n"; false', words: /: b$/ },
])('$command: its last line, or else its end, are the words', async ({ command, words }) => {
  const answer = await asking(command).answer();
  expect(answer.is === 'no' ? answer.words : '').toMatch(words);
});

test('a great deal of output holds nothing up', async () => {
  const { answer } = asking('yes | head -c 3000000; echo last; false');
  expect(await answer()).toMatchObject({ words: expect.stringMatching(/: last$/) as string });
});

test('it is guarded as long as it runs', async () => {
  const { answer, guarded } = asking('true');
  expect(guarded.size).toBe(1);
  await answer();
  expect(guarded.size).toBe(0);
});

test('who stops to ask ends it with all that it has started, and hears nothing', async () => {
  const { root, stop, answers, guarded } = asking('sleep 1000 & echo $! > pid; wait');
  const pid = await pidIn(root);
  stop();
  expect(await becomes(() => !isAlive(pid) && guarded.size === 0)).toBe(true);
  expect(answers).toEqual([]);
});

test('it has ten seconds', async () => {
  const { root, clock, answer, guarded } = asking('sleep 1000 & echo $! > pid; wait');
  const pid = await pidIn(root);
  clock.advance(10_000);
  expect(await answer()).toMatchObject({
    is: 'no',
    words: expect.stringContaining('has not ended within 10s') as string,
  });
  expect(await becomes(() => !isAlive(pid) && guarded.size === 0)).toBe(true);
});

test('what it has left in the background goes with it', async () => {
  const { root, answer } = asking('sleep 1000 > /dev/null 2>&1 & echo $! > pid');
  expect(await answer()).toEqual({ is: 'yes' });
  const pid = await pidIn(root);
  expect(await becomes(() => !isAlive(pid))).toBe(true);
});
