/** Daemons and others in a program of their own, which ends in its ways. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { inTime, until } from '../helpers/eventually.ts';
import { isAlive } from '../helpers/proc.ts';
import { scratch } from '../helpers/scratch.ts';
import { DIST } from '../helpers/supervised.ts';

/** Returns the first line that it says, as numbers. */
async function begin(program: string) {
  const root = scratch({ 'main.mjs': program.replace("'procsup'", `'${DIST}'`) });
  const child = spawn(process.execPath, [join(root, 'main.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const [line] = (await inTime(once(createInterface({ input: child.stdout }), 'line'), 'it speaks')) as [
    string,
  ];
  return { child, exited, pids: line.split(' ').map(Number) };
}

const DAEMON = `
  import { Process } from 'procsup';
  const child = new Process({ command: 'setsid sleep 1000 & echo $!; exec sleep 1000', daemon: true, stdio: ['ignore', 'pipe', 'inherit'] });
  await child.start();
  child.stdout.once('data', (bytes) => { child.stdout.destroy(); console.log(child.pid + ' ' + String(bytes).trim()); END });
`;

test.each([
  ['is killed by SIGKILL', 'setInterval(() => undefined, 1000)', true],
  ['exits', 'process.exit(0)', false],
  ['has nothing more to do', '', false],
])('a daemon and what it has started are gone when our program %s', async (_how, end, isKilled) => {
  const { child, exited, pids } = await begin(DAEMON.replace('END', end));
  expect(pids).toHaveLength(2);
  if (isKilled) child.kill('SIGKILL');
  await inTime(exited, 'the program ends');
  await until(() => !pids.some(isAlive), 'the daemon is gone');
});

test('one that is no daemon is waited for', async () => {
  const { exited } = await begin(`
    import { Process } from 'procsup';
    const child = new Process({ command: 'read -r line <&3; exit 0', stdio: ['ignore', 'inherit', 'inherit', 'ignore'] });
    await child.start();
    console.log(child.pid);
    process.once('exit', () => { process.exitCode = child.exit === null ? 1 : 5; });
  `);
  expect((await inTime(exited, 'it ends'))[0]).toBe(5);
});

test('a child knows its parent, and can wait for its end', async () => {
  const { child, pids } = await begin(`
    import { parentProcess, Process } from 'procsup';
    const parent = parentProcess();
    if (parent === null) {
      const child = new Process({ command: ['node', process.argv[1]] });
      await child.start();
      setInterval(() => undefined, 1000);
    } else {
      console.log(process.pid + ' ' + parent.pid + ' ' + Number(parent.alive) + ' ' + Number(await parent.wait({ timeoutMs: 1 })));
      await parent.wait();
    }
  `);
  const [own = 0, ...rest] = pids;
  expect(rest).toEqual([child.pid, 1, 0]);
  expect(isAlive(own)).toBe(true);
  child.kill('SIGKILL');
  await until(() => !isAlive(own), 'the child has noticed');
});

test('workers of a pool are gone when our program is killed', async () => {
  const { child, exited, pids } = await begin(`
    import { createPool } from 'procsup';
    const pool = createPool({ command: 'read -r line; echo $$; exec sleep 1000', size: 1 });
    console.log(await pool.run('x'));
    setInterval(() => undefined, 1000);
  `);
  child.kill('SIGKILL');
  await inTime(exited, 'the program ends');
  await until(() => !pids.some(isAlive), 'the worker is gone');
});
