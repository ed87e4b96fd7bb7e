/** Limits as users have them: a tree that grows, a busy one, one with too many processes, and what the kernel keeps. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { filesOf } from '../../src/os/proc/oom-kills.ts';
import { project, type Project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { PROCSUP } from '../helpers/procsup.ts';

const yaml = (limits: string, more = ''): { readonly files: Readonly<Record<string, string>> } => ({
  files: { 'procsup.yaml': `processes:\n  web:\n    limits: ${limits}\n${more}` },
});

/** It grows in a child of its own, once it is told to. */
const GROWING = `sh -c 'read go; exec node -e "globalThis.kept = Buffer.alloc(200e6, 1); console.log(9); setInterval(() => 0, 1e6)"'; wait`;

async function grow(app: Project): Promise<void> {
  await app.run('send', 'web', 'go');
}

describe('a process over its limit', () => {
  test('is restarted, though its policy would not, and everybody is told why', async () => {
    const app = project(`web: ${GROWING}`, yaml('{ memory: { max: 100MiB, for: 0 } }'));
    await app.up();
    const first = await app.pidOf('web');
    const events = app.begin('events', 'web');
    await grow(app);
    await events.says('restarts in');
    const told = events.stdout;
    expect(told).toMatch(/web\.1: it used \d+(\.\d)? MiB of memory; its limit is 100 MiB of memory/);
    expect(told).toContain('stopping web.1, which is over its limit');
    await events.says(/web\.1 started(.*\n)*.*web\.1 started|web\.1 started/);
    expect(await app.pidOf('web')).not.toBe(first);
    expect((await app.run('why', 'web')).stdout).toContain('its limit is 100 MiB of memory');
    events.kill('SIGINT');
    await events.ended;
  });

  test('is stopped for good', async () => {
    const app = project(`web: read go; sleep 100000 & sleep 100000 & wait`, {
      ...yaml('{ processes: { max: 2, for: 0, action: stop } }', '    restart: always\n'),
    });
    await app.up();
    await app.run('send', 'web', 'go');
    await app.run('wait', 'web', '--for', 'exited');
    const [row] = await app.ps('web');
    expect(row).toMatchObject({
      state: 'failed',
      restarts: 0,
      exit: { message: 'it used 3 processes; its limit is 2 processes' },
    });
  });

  test('is told of by a warning, and runs on', async () => {
    const app = project(`web: while :; do :; done`, yaml('{ cpu: { max: 0.01, for: 0, action: warn } }'));
    await app.up();
    const pid = await app.pidOf('web');
    const events = app.begin('events', 'web');
    await events.says(/it used [\d.]+ cores?; its limit is 0\.01 cores/);
    expect(await app.pidOf('web')).toBe(pid);
    events.kill('SIGINT');
    await events.ended;
  });
});

test('what the kernel keeps holds for the program, and is in what check says', async () => {
  const app = project(
    `web: echo "files $(ulimit -n) core $(ulimit -c) nice $(nice)"; exec sleep 100000`,
    yaml('{ nofile: 321, core: 0, priority: 4 }'),
  );
  await app.up();
  const logs = app.begin('logs', '-f', 'web');
  await logs.says('files 321 core 0 nice 4');
  logs.kill('SIGINT');
  await logs.ended;
  expect((await app.run('check', '--json')).stdout).toContain('"nofile":321');
});

test('what is wrong is told with its place and a remedy', async () => {
  const app = project('web: exec sleep 100000', yaml('{ memory: 0, cpu: -1, processes: { for: 1s } }'));
  const { status, stderr } = await app.run('check');
  expect(status).toBe(2);
  expect(stderr).toContain("invalid size '0' for 'memory'");
  expect(stderr).toContain("invalid value -1 for 'cpu'");
  expect(stderr).toContain('max');
});

const GROUP = ownGroup();

test.skipIf(GROUP === undefined)('what the kernel kills for want of memory is told so', async () => {
  const app = project(
    'hog: read go; exec node -e "const all = []; for (;;) all.push(Buffer.alloc(20e6, 1))"',
  );
  const { directory, limit } = GROUP ?? { directory: '', limit: '' };
  const own = join(directory, `procsup-test-${String(process.pid)}`);
  mkdirSync(own);
  onTestFinished(async () => {
    // The supervisor is in it until the project is closed, which is after this.
    await app.run('down');
    await until(() => readFileSync(join(own, 'cgroup.procs'), 'utf8') === '', 'the control group is empty');
    rmdirSync(own);
  });
  writeFileSync(join(own, limit), String(400 * 1024 * 1024));
  const script = `echo $$ >'${own}/cgroup.procs' && exec '${PROCSUP}' start -d`;
  expect(await app.beginProgram('sh', '-c', script).ended).toMatchObject({ status: 0 });
  const events = app.begin('events', 'hog');
  await app.run('send', 'hog', 'go');
  await events.says('hog.1 was killed by the kernel: out of memory');
  events.kill('SIGINT');
  await events.ended;
  expect((await app.run('why', 'hog')).stdout).toContain('out of memory');
});

/** Where a control group of our own can be made, and the file of its memory limit. Undefined: we may not. */
function ownGroup(): { readonly directory: string; readonly limit: string } | undefined {
  if (process.platform !== 'linux') return undefined;
  const kinds = { 'memory.events': 'memory.max', 'memory.oom_control': 'memory.limit_in_bytes' } as const;
  for (const file of filesOf(readFileSync('/proc/self/cgroup', 'utf8'))) {
    const directory = dirname(file);
    const probe = join(directory, `procsup-probe-${String(process.pid)}`);
    try {
      mkdirSync(probe);
      const limit = kinds[basename(file) as keyof typeof kinds];
      const isLimited = existsSync(join(probe, limit));
      rmdirSync(probe);
      if (isLimited) return { directory, limit };
    } catch {
      continue;
    }
  }
  return undefined;
}
