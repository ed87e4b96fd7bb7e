/** Caps and locks of tasks as other runs, the supervisor and `procsup lock` use them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../helpers/eventually.ts';
import { isAlive, withEnvironment } from '../helpers/proc.ts';
import { launch, ownPlaces, PROCSUP, procsup } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

/** A task writes its name with `+`, waits for the file of its name, and writes it with `-`. */
const gated = (name: string): string =>
  `echo ${name}+ >> journal; until [ -e ${name} ]; do sleep 0.05; done; echo ${name}- >> journal`;

function project(yaml: string) {
  const cwd = scratch({ 'procsup.yaml': yaml });
  const env = { ...ownPlaces().env, XDG_CACHE_HOME: join(cwd, '.cache') };
  onTestFinished(() =>
    until(() => withEnvironment(`XDG_STATE_HOME=${env.XDG_STATE_HOME}`).length === 0, 'the end of all'),
  );
  const path = join(cwd, 'journal');
  const lines = (): readonly string[] =>
    existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  return {
    start: (...args: readonly string[]) => {
      const { child, ended } = launch(PROCSUP, args, { cwd, env });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
      const sees = (text: RegExp) => until(() => text.test(output), String(text));
      return { pid: child.pid ?? 0, ended, sees, kill: (signal: 'SIGKILL' | 'SIGINT') => child.kill(signal) };
    },
    procsup: (...args: readonly string[]) => procsup(args, { cwd, env }),
    open: (name: string) => writeFileSync(join(cwd, name), ''),
    lines,
    says: (line: string) => until(() => lines().includes(line), line),
  };
}

describe('two runs of tasks', () => {
  test('take turns at a lock, and other tasks of a run do not wait for it', async () => {
    const { start, open, lines, says } = project(`
tasks:
  a: { command: "${gated('a')}", lock: db }
  b: { command: "${gated('b')}", lock: db }
  free: echo free >> journal
`);
    const first = start('task', 'a');
    await says('a+');
    const second = start('task', 'b', 'free', '-j1');
    await second.sees(/waiting for lock 'db' \(task a in another run, pid \d+\)/);
    await says('free');
    expect(lines()).toEqual(['a+', 'free']);
    open('b');
    open('a');
    expect((await first.ended).status).toBe(0);
    expect((await second.ended).status).toBe(0);
    expect(lines()).toEqual(['a+', 'free', 'a-', 'b+', 'b-']);
  });

  test('a cap is counted over all of them, and the one that waits longest is next', async () => {
    const { start, open, lines, says } = project(`
caps: { db: 2 }
tasks:
  a: { command: "${gated('a')}", uses: db }
  b: { command: "${gated('b')}", uses: { db: 2 } }
  c: { command: "${gated('c')}", uses: db }
  d: { command: "${gated('d')}", uses: db }
`);
    const a = start('task', 'a');
    const c = start('task', 'c');
    await says('a+');
    await says('c+');
    const b = start('task', 'b');
    await b.sees(/waiting for cap 'db'/);
    open('a');
    expect((await a.ended).status).toBe(0);
    const d = start('task', 'd');
    await d.sees(/waiting for cap 'db'/);
    open('c');
    await says('b+');
    expect(lines(), 'd has come after b').not.toContain('d+');
    open('b');
    open('d');
    for (const one of [b, c, d]) expect((await one.ended).status).toBe(0);
  });

  test('after kill -9 the next one has the lock when nothing of the first is left', async () => {
    const { start, lines, says, open } = project(`
tasks:
  a: { command: "trap '' TERM; echo $$ > pid; echo a+ >> journal; while :; do sleep 1000; done", lock: db }
  b: { command: "if kill -0 $(cat pid); then echo both >> journal; fi; ${gated('b')}", lock: db }
`);
    const first = start('task', 'a');
    await says('a+');
    const second = start('task', 'b');
    await second.sees(/waiting for lock 'db'/);
    first.kill('SIGKILL');
    open('b');
    expect((await second.ended).status).toBe(0);
    expect(lines()).toEqual(['a+', 'b+', 'b-']);
    expect(isAlive(first.pid)).toBe(false);
  });

  test('Ctrl-C ends one that waits, and what it waited for is left to others', async () => {
    const {
      start,
      procsup: run,
      open,
      says,
      lines,
    } = project(`
tasks:
  a: { command: "${gated('a')}", lock: db }
  b: { command: "${gated('b')}", lock: db }
`);
    const first = start('task', 'a');
    await says('a+');
    const second = start('task', 'b');
    await second.sees(/waiting for lock 'db'/);
    second.kill('SIGINT');
    expect((await second.ended).status).toBe(130);
    open('a');
    open('b');
    await first.ended;
    expect((await run('task', 'b')).status).toBe(0);
    expect(lines()).toEqual(['a+', 'a-', 'b+', 'b-']);
  });
});

test('a task and a supervisor share locks and caps', async () => {
  const {
    start,
    procsup: run,
    open,
    says,
    lines,
  } = project(`
caps: { db: 1 }
processes: { idle: { command: exec sleep 100000 } }
tasks:
  a: { command: "${gated('a')}", lock: deploy, uses: db }
  b: { command: "echo b >> journal", uses: db }
`);
  expect((await run('start', '-d')).status).toBe(0);
  onTestFinished(async () => {
    await run('down');
  });
  const other = start('lock', 'deploy', '--', 'sh', '-c', gated('l'));
  await says('l+');
  const first = start('task', 'a');
  await first.sees(/waiting for lock 'deploy' \(procsup lock deploy .*, pid \d+\)/s);
  open('l');
  await says('a+');
  expect(lines()).toEqual(['l+', 'l-', 'a+']);
  await other.ended;
  expect((await run('lock', 'deploy', '--no-wait', '--', 'true')).status).toBe(1);
  const pool = start('pool', '--uses', 'db', 'echo {} >> journal', ':::', 'job');
  const second = start('task', 'b');
  await second.sees(/waiting for cap 'db' \(task a in another run/);
  open('a');
  expect((await first.ended).status).toBe(0);
  for (const one of [pool, second]) expect((await one.ended).status).toBe(0);
  expect(lines().slice(0, 4)).toEqual(['l+', 'l-', 'a+', 'a-']);
  expect(lines()).toHaveLength(6);
  expect((await run('lock', 'deploy', '--no-wait', '--', 'true')).status).toBe(0);
});
