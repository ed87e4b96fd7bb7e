/** Limits that the kernel keeps: by a real control group where this machine lets us have one, else by a puppet of systemd-run. */
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { groupRefusal } from '../../src/core/limits/enforcing.ts';
import { readOwnGroup } from '../../src/os/cgroup/own-group.ts';
import { createSystemdTools } from '../../src/os/cgroup/systemd.ts';
import { project, type Project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { scratch } from '../helpers/scratch.ts';

const GROUP = await readOwnGroup(createSystemdTools());
/** Why no control group can be made here; undefined: one can. */
const REFUSAL = groupRefusal(['memory', 'pids'], GROUP);

const yaml = (limits: string, more = ''): { readonly files: Readonly<Record<string, string>> } => ({
  files: { 'procsup.yaml': `processes:\n  web:\n    limits: ${limits}\n${more}` },
});

const GROWING = `read go; exec node -e "globalThis.kept = Buffer.alloc(200e6, 1); console.log('grown'); setInterval(() => 0, 1e6)"`;

describe.skipIf(REFUSAL === undefined)('without a control group', () => {
  test('and without systemd it is told once, and the limits are looked at', async () => {
    const { app } = withSystemdRun(
      'echo "Failed to connect to bus" >&2; exit 1',
      'read go; sleep 100000 & wait',
    );
    const { stdout } = await app.run('check');
    expect(stdout).toMatch(
      /web: the kernel cannot keep its limits here.*systemd-run says: Failed to connect to bus/,
    );
    await app.up();
    const logs = app.begin('logs', '-f');
    await logs.says('cannot enforce limits, looking every second instead');
    await app.run('send', 'web', 'go');
    await logs.says('web.1: it used 2 processes; its limit is 1 process');
    expect(logs.stdout.split('cannot enforce limits')).toHaveLength(2);
    logs.kill('SIGINT');
    await logs.ended;
  });

  test('a scope of systemd has them, and nobody else looks', async () => {
    const { app, told } = withSystemdRun(
      'for each do [ "$each" != -- ] || break; echo "$each"; done >>"$TOLD"\n' +
        'while [ "$1" != -- ] && [ "$1" != cat ]; do shift; done; [ "$1" = cat ] || shift\nexec "$@"',
      'read go; sleep 100000 & echo "pid $$ $GREETING"; wait',
    );
    expect((await app.json<{ enforcement: unknown }>('check', '--json')).enforcement).toEqual({
      web: { by: 'scope' },
    });
    await app.up();
    const logs = app.begin('logs', '-f');
    await app.run('send', 'web', 'go');
    await logs.says(`pid ${String(await app.pidOf('web'))} hello`);
    expect(told()).toContain('--scope');
    expect(told()).toContain('TasksMax=1');
    expect(told()).toMatch(/--unit=procsup\.[\w-]+-web\.1\.1\.scope/);
    // It is over its limit before the other one is, and would be told of first.
    await app.run('send', 'other', 'go');
    await logs.says('other.1: it used 2 processes; its limit is 1 process');
    expect(logs.stdout).not.toContain('web.1: it used');
    logs.kill('SIGINT');
    await logs.ended;
  });
});

describe.skipIf(REFUSAL !== undefined)(`with a control group (${REFUSAL ?? 'possible here'})`, () => {
  test('the kernel kills what takes too much memory, and that is told', async () => {
    const app = project(`web: ${GROWING}`, yaml('{ memory: 100MiB, enforce: true }', '    restart: never\n'));
    expect((await app.run('check')).stdout).toContain('web: the kernel keeps its limits, by a control group');
    await app.up();
    const events = app.begin('events', 'web');
    await app.run('send', 'web', 'go');
    await events.says('web.1 reached its limit of 100 MiB of memory: the kernel killed 1 process');
    await events.says('web.1 was terminated by SIGKILL');
    expect(events.stdout).not.toContain('out of memory');
    events.kill('SIGINT');
    await events.ended;
    expect((await app.run('why', 'web')).stdout).toContain('reached its limit of 100 MiB of memory');
  });

  test('it starts no more processes than it may', async () => {
    const app = project(
      'web: read go; sleep 100000 & sleep 100000 & sleep 100000 & wait',
      yaml('{ processes: 2, enforce: true }', '    restart: never\n'),
    );
    await app.up();
    const events = app.begin('events', 'web');
    await app.run('send', 'web', 'go');
    await events.says('web.1 reached its limit of 2 processes: the kernel refused');
    events.kill('SIGINT');
    await events.ended;
  });

  test('instances are apart, a reload changes the limit, and no group is left', async () => {
    const app = project(
      'web: exec sleep 100000',
      yaml('{ memory: 100MiB, enforce: true }', '    instances: 2\n'),
    );
    const before = groups();
    await app.up();
    const [one = '', other = ''] = groups().filter((path) => !before.includes(path) && /web\.\d/.test(path));
    const limits = () => [one, other].map((path) => readFileSync(join(path, 'memory.max'), 'utf8').trim());
    expect(limits()).toEqual(['104857600', '104857600']);
    const pid = await app.pidOf('web.1');
    app.write(
      'procsup.yaml',
      yaml('{ memory: 200MiB, enforce: true }', '    instances: 2\n').files['procsup.yaml'] ?? '',
    );
    await app.run('reload');
    await until(() => limits().every((limit) => limit === '209715200'), 'the groups have the new limit');
    expect(await app.pidOf('web.1')).toBe(pid);
    await app.run('down');
    await until(() => groups().every((path) => before.includes(path)), 'its groups are gone');
  });

  test('no group is left by a supervisor that was killed', async () => {
    const app = project('web: exec sleep 100000', yaml('{ memory: 100MiB, enforce: true }'));
    const before = groups();
    const supervisor = await app.up();
    expect(groups().length).toBeGreaterThan(before.length);
    process.kill(supervisor, 'SIGKILL');
    await until(() => groups().every((path) => before.includes(path)), 'its groups are gone');
  });
});

/** Two processes that are over their limit of one, of which `web` is enforced, and a systemd-run that is this script. */
function withSystemdRun(
  script: string,
  command: string,
): { readonly app: Project; readonly told: () => string } {
  const bin = scratch({ 'systemd-run': `#!/bin/sh\n${script}\n` });
  chmodSync(join(bin, 'systemd-run'), 0o755);
  const limit = 'processes: { max: 1, for: 0, action: stop }';
  const app = project(`web: ${command}\nother: read go; sleep 100000 & wait`, {
    files: {
      'procsup.yaml': `processes:\n  web: { limits: { ${limit}, enforce: true } }\n  other: { limits: { ${limit} } }\n`,
    },
    env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, GREETING: 'hello', TOLD: join(bin, 'told') },
  });
  return { app, told: () => readFileSync(join(bin, 'told'), 'utf8') };
}

/** Below our own. */
function groups(): readonly string[] {
  const directory = GROUP?.directory ?? '';
  if (!existsSync(directory)) return [];
  return readdirSync(directory).flatMap((name) => {
    const base = join(directory, name);
    return name.startsWith('procsup.') ? [base, ...readdirSync(base).map((run) => join(base, run))] : [];
  });
}
