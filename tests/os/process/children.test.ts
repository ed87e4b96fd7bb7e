import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createChildren, loadChildren } from '../../../src/os/process/children.ts';
import type { ProgramOfNode } from '../../../src/os/process/program.ts';
import { becomes } from '../../helpers/eventually.ts';

const children = process.platform === 'linux' ? await loadChildren() : undefined;
const env = { PATH: process.env['PATH'] ?? '' };

function shell(script: string, options: Partial<ProgramOfNode['options']> = {}): ProgramOfNode {
  const stdio = ['ignore', 'ignore', 'ignore'] as const;
  return { file: '/bin/sh', args: ['-c', script], options: { cwd: '/', env, stdio, ...options } };
}

/** What a program writes, started in both ways. */
async function outputs(script: string, more: Record<string, string> = {}): Promise<readonly string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'procsup-test-'));
  const said: string[] = [];
  for (const way of ['ours', 'of Node']) {
    const path = join(directory, way);
    const fd = openSync(path, 'w');
    const program = shell(script, { cwd: directory, env: { ...env, ...more }, stdio: ['ignore', fd, fd] });
    const { file, args, options } = program;
    let hasEnded = false;
    const ended = (): void => void (hasEnded = true);
    if (way === 'ours') children?.start(program, ended);
    else spawn(file, args, { ...options, stdio: [...options.stdio], detached: true }).on('exit', ended);
    closeSync(fd);
    expect(await becomes(() => hasEnded)).toBe(true);
    said.push(readFileSync(path, 'utf8'));
  }
  return said;
}

test.runIf(children)('a program finds what one that Node starts finds', async () => {
  // Limits, directory, environment, session and group, descriptors.
  const script = `
    cat /proc/$$/limits; umask; pwd; env | sort
    read -r pid name state parent group session rest < /proc/$$/stat
    [ "$pid $pid" = "$group $session" ] && echo leads
    ls -l /proc/$$/fd | sed 's/.* \\([0-9]* -> \\)/\\1/; s|/[^/]*$||; s/:.*//'`;
  const [ours, ofNode] = await outputs(script, { GREETING: 'grüß dich', EMPTY: '', LINES: 'a\nb' });
  expect(ours).toContain('leads');
  expect(ours).toBe(ofNode);
});

test.runIf(children)('no signal is blocked, and none ignored that Node does not ignore for it', async () => {
  const [ours, ofNode] = await outputs("exec grep -E '^(Sig(Blk|Ign)|ShdPnd)' /proc/self/status");
  expect(ours?.split('\n')).toHaveLength(4);
  expect(ours).toBe(ofNode);
});

test.runIf(children)('each end is told once, whoever started the program', async () => {
  const told: string[] = [];
  const tell = (number: number) => (code: number | null, signal: NodeJS.Signals | null) =>
    told.push(`${String(number)}: ${String(code ?? signal)}`);
  const expected = Array.from({ length: 60 }, (_, number) => `${String(number)}: ${String(number)}`);
  for (const [number] of expected.entries()) {
    const program = shell(`exit ${String(number)}`);
    if (number % 3 === 0) spawn(program.file, program.args).on('exit', tell(number));
    else children?.start(program, tell(number));
  }
  children?.start(shell('kill -s SEGV $$'), tell(60));
  expect(told).toEqual([]);
  expect(await becomes(() => told.length === 61)).toBe(true);
  expect(told.sort()).toEqual([...expected, '60: SIGSEGV'].sort());
});

test.runIf(children)('this process goes on as long as a child lives', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
  const before = timers();
  const pid = children?.start(shell('exec sleep infinity'), () => undefined) ?? 0;
  onTestFinished(() => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      return;
    }
  });
  expect(timers()).toBe(before + 1);
  process.kill(pid, 'SIGKILL');
  expect(await becomes(() => timers() <= before && process.listenerCount('SIGCHLD') === 0)).toBe(true);
});

test.runIf(children)('what the system refuses is thrown, with its name', () => {
  const start = (program: ProgramOfNode) => () => children?.start(program, () => undefined);
  expect(start(shell('true', { cwd: '/no/such/directory' }))).toThrow(
    expect.objectContaining({ code: 'ENOENT' }),
  );
  expect(start({ ...shell('true'), file: '/etc/passwd' })).toThrow(
    expect.objectContaining({ code: 'EACCES' }),
  );
  expect(start(shell(`: ${'x'.repeat(200_000)}`))).toThrow(expect.objectContaining({ code: 'E2BIG' }));
  expect(process.listenerCount('SIGCHLD')).toBe(0);
});

test('what only Node can start is left to it', () => {
  const never = createChildren({ spawn: () => expect.unreachable(), wait: () => undefined });
  const cases: ProgramOfNode[] = [
    shell('true', { stdio: ['ignore', 'inherit', 'ignore'] }),
    shell('true', { stdio: ['ignore', 1, 'ignore'] }),
    shell('true', { stdio: ['ignore', 'ignore', 'ignore', 7] }),
    shell('true\0'),
    shell('true', { env: { A: '\0' } }),
    shell('true', { cwd: '/\0' }),
  ];
  for (const program of cases) expect(never.start(program, () => undefined)).toBeUndefined();
});

test('an end that somebody else has waited for is no success', () => {
  const told: unknown[] = [];
  const stolen = createChildren({ spawn: () => 7, wait: () => null });
  expect(stolen.start(shell('true'), (...end) => told.push(end))).toBe(7);
  process.emit('SIGCHLD', 'SIGCHLD');
  expect(told).toEqual([[1, null]]);
});
