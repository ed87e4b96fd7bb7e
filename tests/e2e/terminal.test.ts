/** procsup on a terminal of its own, which `script` (util-linux) makes and we type on. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { inTime, until } from '../helpers/eventually.ts';
import { descendantsOf, isAlive, signalIfAlive, withCommand, withEnvironment } from '../helpers/proc.ts';
import { ownPlaces, PROCSUP } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
if (!hasScript) console.warn('no `script` of util-linux here: nothing is tested on a terminal');

const CTRL_C = '\u0003';
const CTRL_S = '\u0013';
const ESCAPE = '\u001b';

let count = 0;

/** Its stderr goes to a file, so that what is not part of the view stands out. */
function onTerminal(procfile: string, ...args: readonly string[]) {
  const root = scratch({ Procfile: `${procfile}\n` });
  mkdirSync(join(root, 'tmp'));
  const mark = `TEST_MARK=tty-${process.pid}-${String((count += 1))}-${String(Date.now())};`;
  const line = [PROCSUP, 'start', '--timestamps=none', ...args].join(' ');
  // `script -e` would say the status too, but not after we have killed it.
  const command = `trap : INT; "$SHELL" -c 'exec ${line} 2>err'; echo $? >status`;
  const terminal = spawn('script', ['-qc', command, '/dev/null'], {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      TMPDIR: join(root, 'tmp'),
      ...ownPlaces().env,
      SHELL: '/bin/sh',
      TERM: 'xterm',
      TEST_MARK: mark.slice('TEST_MARK='.length),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  terminal.stdin.on('error', () => undefined);
  let shown = '';
  terminal.stdout.on('data', (bytes: Buffer) => (shown += bytes.toString()));
  const closed = new Promise<void>((resolve) => terminal.once('close', () => resolve()));

  /** Of ours there are the shells around procsup too: it is the one that runs Node. */
  const ours = () => withEnvironment(mark).filter(({ command: words }) => words.includes('procsup.js start'));

  onTestFinished(async () => {
    for (const { pid } of ours()) signalIfAlive(pid, 'SIGKILL');
    terminal.kill('SIGKILL');
    await until(() => withEnvironment(mark).length === 0, 'nothing of the test is left');
  });

  return {
    root,
    get shown() {
      return shown;
    },
    pid: () => ours().find(({ command: words }) => words.startsWith('node'))?.pid ?? 0,
    stderr: () => readFileSync(join(root, 'err'), 'utf8'),
    shows: (text: string) => until(() => shown.includes(text), `the terminal shows '${text}'`),
    type: (keys: string) => void terminal.stdin.write(keys),
    /** The window is closed: the master side of the terminal goes. */
    hangUp: () => void terminal.kill('SIGKILL'),
    async status() {
      await inTime(closed, 'the terminal closes', () => shown);
      return Number(readFileSync(join(root, 'status'), 'utf8'));
    },
    everything: () => withEnvironment(mark).filter(({ pid }) => pid !== terminal.pid),
    guardians: (pid: number) => withCommand(new RegExp(`procsup-guardian ${pid.toString(36)}-`)),
  };
}

describe.skipIf(!hasScript)('on a terminal', () => {
  test('Ctrl-C reaches every child once, and ends the run with success', async () => {
    const terminal = onTerminal(
      "a: trap 'echo heard; exit 0' INT; echo ready a; while :; do sleep 0.1; done\nb: echo ready b; exec sleep infinity",
    );
    await terminal.shows('ready a');
    await terminal.shows('ready b');
    terminal.type(CTRL_C);
    expect(await terminal.status()).toBe(0);
    expect(terminal.shown.split('heard').length - 1).toBe(1);
    expect(terminal.stderr()).toBe('');
  });

  test('a second Ctrl-C kills: 130', async () => {
    const terminal = onTerminal('a: trap "" INT TERM; echo ready; while :; do sleep 1000; done', '-t', '1h');
    await terminal.shows('ready\r\n');
    terminal.type(CTRL_C);
    await terminal.shows('Ctrl-C again kills');
    await pass(300);
    terminal.type(CTRL_C);
    expect(await terminal.status()).toBe(130);
  });

  test('nothing survives when the terminal is closed, and nobody complains', async () => {
    const terminal = onTerminal(
      'a: echo ready; exec sleep infinity\nb: trap "" HUP INT TERM; while :; do echo flood; done\nc: setsid sleep infinity & wait',
      ...['-t', '300ms'],
    );
    await terminal.shows('ready\r\n');
    const pid = terminal.pid();
    expect(pid).toBeGreaterThan(0);
    const children = descendantsOf(pid);
    expect(children.length).toBeGreaterThan(2);
    terminal.hangUp();
    await until(() => children.every((child) => !isAlive(child)), 'the children have ended');
    await until(() => terminal.everything().length + terminal.guardians(pid).length === 0, 'all have ended');
    // Here stderr is a file; what was printed in the last moment may be missed on the terminal.
    expect(terminal.stderr()).toMatch(/^(procsup: lost \d+ bytes of output that were not read\n)?$/);
  });

  test('a terminal stopped by Ctrl-S does not keep procsup from stopping', async () => {
    const terminal = onTerminal('a: echo ready; yes flood', '-t', '300ms');
    await terminal.shows('flood\r\n');
    const pid = terminal.pid();
    terminal.type(CTRL_S);
    process.kill(pid, 'SIGTERM');
    await until(() => !isAlive(pid), 'procsup has ended');
    expect(terminal.everything().filter(({ command }) => command.includes('flood'))).toEqual([]);
  });

  test('there are colours, and the children know', async () => {
    const terminal = onTerminal('a: echo "<$FORCE_COLOR>"');
    expect(await terminal.status()).toBe(0);
    expect(terminal.shown).toContain('<1>');
    expect(terminal.shown).toContain(`${ESCAPE}[`);
  });

  test('control sequences of a child are made harmless, but for its colours', async () => {
    const terminal = onTerminal("a: printf '\\033[2J\\033[31mred\\033[0m\\033]0;title\\007\\n'");
    expect(await terminal.status()).toBe(0);
    expect(terminal.shown).toContain(`${ESCAPE}[31mred${ESCAPE}[0m`);
    expect(terminal.shown).not.toContain(`${ESCAPE}[2J`);
    expect(terminal.shown).not.toContain(`${ESCAPE}]0;`);
  });
});
