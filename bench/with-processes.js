// A daemon of ours on a procsup.yaml, with a state directory of its own.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './daemon.js';
import { environment } from './environment.js';

const PATIENCE = '90s';

/** All of them are ready when the body begins, unless `how` says otherwise. */
export async function withProcesses(bench, program, processes, body, how = ['--wait-timeout', PATIENCE]) {
  const dir = bench.workshop.newRunDir();
  for (const name of ['state', 'run']) mkdirSync(join(dir, name), { mode: 0o700 });
  const env = { ...environment(), XDG_STATE_HOME: join(dir, 'state'), XDG_RUNTIME_DIR: join(dir, 'run') };
  const ask = (...args) =>
    spawnSync(program, args, { cwd: dir, env, encoding: 'utf8', timeout: 60_000 }).stdout;
  writeFileSync(join(dir, 'procsup.yaml'), JSON.stringify({ processes }));
  try {
    await run(program, ['start', '-d', '--timeout', '1s', ...how], { cwd: dir, env });
    const [{ pid }] = JSON.parse(ask('ls', '--json'));
    /** When each was told to be ready, by its name. */
    const told = () => {
      const events = ask('events', '--json', '--no-follow').split('\n').filter(Boolean);
      const ready = events.map((line) => JSON.parse(line)).filter(({ event }) => event === 'ready');
      return new Map(ready.map(({ name, time }) => [name, Date.parse(time)]));
    };
    return await body({ dir, pid, told });
  } finally {
    ask('down');
    rmSync(dir, { recursive: true, force: true });
  }
}
