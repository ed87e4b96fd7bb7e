/** Processes with a terminal of their own (Linux, koffi). */
import { spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { describe, expect, onTestFinished, test } from 'vitest';
import { project, type Client, type Project } from '../helpers/daemon.ts';
import { isAlive, withEnvironment } from '../helpers/proc.ts';
import { PROCSUP } from '../helpers/procsup.ts';
import { finished, startWith } from '../helpers/start.ts';

const ESCAPE = '\u001b';
const LEAVE = '\u0010\u0011';
const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

/** More than there are cores. */
function busyLoops(): void {
  const loops = Array.from({ length: availableParallelism() + 1 }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  );
  onTestFinished(() => loops.forEach((loop) => void loop.kill('SIGKILL')));
}

describe('nothing is lost at the end, on a busy machine', () => {
  test.each([
    ['a megabyte', 20, 'seq -f "%0100.0f" 1 9900; echo END', 9901],
    ['four kilobytes', 50, 'seq -f "%0100.0f" 1 40; echo END', 41],
  ])('%s, and the end of the program', async (_, count, command, lines) => {
    busyLoops();
    const app = await finished(
      `a: ${command}`,
      ...['-m', `a=${String(count)}`, '--tty', 'a', '--on-exit', 'keep'],
    );
    const complete = Array.from({ length: count }, (__, at) => app.textOf(`a.${String(at + 1)}`)).filter(
      (text) => text.split('\n').length === lines + 1 && text.endsWith('END\n'),
    );
    expect(complete).toHaveLength(count);
  });
});

test('the terminal is the controlling one, has a size, and an environment in which nothing waits for a key', async () => {
  const app = startWith({
    files: {
      Procfile:
        'a: tty; stty size; echo "TERM=$TERM PAGER=$PAGER COLUMNS=$COLUMNS"; echo through dev tty > /dev/tty; test -t 0 -a -t 1 -a -t 2 && echo all three\n',
      'procsup.yaml': 'processes: { a: { tty: true } }\n',
    },
    env: { TERM: 'dumb', PAGER: 'less', COLUMNS: '5' },
  });
  expect((await app.ended).status).toBe(0);
  expect(app.textOf('a.1')).toMatch(
    /^\/dev\/pts\/\d+\n40 120\nTERM=xterm-256color PAGER=cat COLUMNS=\nthrough dev tty\nall three\n$/,
  );
});

test('of the variables those of .env are kept', async () => {
  const app = startWith({
    files: { Procfile: 'a: echo "$TERM $PAGER"\n', '.env': 'TERM=vt100\nPAGER=more\n' },
    args: ['start', '--tty', 'a'],
  });
  await app.ended;
  expect(app.textOf('a.1')).toBe('vt100 more\n');
});

test('the byte of Ctrl-C interrupts, the cursor is told while nobody is attached, a prompt is shown', async () => {
  const ask =
    "process.stdin.setRawMode(true); process.stdout.write('ask ' + String.fromCharCode(27) + '[6n'); process.stdin.once('data', (d) => { console.log(JSON.stringify(String(d))); process.exit(); })";
  const app = project(
    `sleeper: exec sleep infinity\ncursor: exec node -e "${ask}"\nprompt: printf 'name? '; read x; echo "hello $x"; sleep infinity`,
  );
  await app.up('--tty', 'sleeper,cursor,prompt', '--restart', 'never');
  const logs = app.begin('logs', '-f', '--no-prefix');
  await logs.says('"\\u001b[1;1R"');
  await logs.says('name? ');
  expect(await app.run('send', 'prompt', 'Ann')).toMatchObject({ status: 0 });
  await logs.says('hello Ann');
  expect(await app.run('send', '--keys', 'sleeper', '\u0003')).toMatchObject({ status: 0 });
  await logs.says('sleeper.1 was terminated by SIGINT');
  logs.kill('SIGTERM');
  await logs.ended;
});

test('what would be cut, or be keys of a full-screen program, or be shown, is refused', async () => {
  const app = project(
    `reader: read -r x; echo "got \${#x}"; printf '\\033[?1049h'; read -r x; echo; sleep infinity\nsecret: stty -echo; read -r x; stty echo; echo "secret of \${#x}"; read -r y; sleep infinity`,
  );
  await app.up('--tty', 'reader,secret');
  expect(await app.run('send', 'reader', 'x'.repeat(4096))).toMatchObject({
    status: 1,
    stderr: 'procsup: line too long for the terminal of reader.1 (4096 bytes; the limit is 4095)\n',
  });
  expect(await app.run('send', '--secret', 'secret', 'hidden')).toMatchObject({ status: 0 });
  const logs = app.begin('logs', '-f', '--no-prefix');
  await logs.says('secret of 6');
  expect(await app.run('send', '--secret', 'secret', 'shown')).toMatchObject({
    status: 1,
    stderr: 'procsup: secret.1 does not ask for a secret: its terminal would show what is written\n',
  });
  expect(await app.run('send', 'reader', 'y'.repeat(4000))).toMatchObject({ status: 0 });
  await logs.says('got 4000');
  await logs.says("reader.1 draws on the whole screen; see it with 'procsup attach reader.1'");
  expect((await app.run('send', 'reader', 'select 1')).stderr).toContain(
    'draws on the whole screen, where a line',
  );
  expect(await app.run('send', '--force', 'reader', 'select 1')).toMatchObject({ status: 0 });
  expect(logs.stdout).not.toMatch(/hidden|shown/);
  logs.kill('SIGTERM');
  await logs.ended;
});

test('a program that stops its parent, as vitest does at Ctrl-Z, does not stop the supervisor', async () => {
  const app = project('a: kill -TSTP $PPID; echo sent; exec sleep infinity');
  const daemon = await app.up('--tty', 'a');
  const logs = app.begin('logs', '-f', '--no-prefix', 'a');
  await logs.says('sent');
  expect(await app.ps()).toMatchObject([{ state: 'running' }]);
  expect(isAlive(daemon)).toBe(true);
  logs.kill('SIGTERM');
  await logs.ended;
});

test('a pipeline cannot have one, nor a process that is unknown', async () => {
  const app = project('web: true', {
    files: {
      'procsup.yaml':
        'pipelines:\n  ingest: seq 3 | cat\nprocesses:\n  ingest: { tty: true }\n  wbe: { tty: 1 }\n',
    },
  });
  const { status, stderr } = await app.run('check');
  expect(status).toBe(2);
  expect(stderr).toContain('procsup.yaml:4:3');
  expect(stderr).toContain(
    "'ingest' is a pipeline: its stages read and write pipes, and cannot have a terminal",
  );
  expect(stderr).toContain("unknown process 'wbe'");
  expect(stderr).toContain("'tty' in process 'wbe' must be true or false, got 1");
  expect((await app.run('start', '--tty', 'ingest')).stderr).toContain("--tty: 'ingest' is a pipeline");
});

test('--raw and a terminal exclude each other', async () => {
  const app = await finished('a: true', '--raw', '--tty', 'a');
  expect(app.status).toBe(2);
  expect(app.stderr).toContain("--raw gives 'a' our own output, and tty a terminal");
});

/** A command on a terminal of 80 columns, and then the status of it and how the terminal is left. */
function onTerminal(app: Project, words: string): Client {
  const line = `stty rows 24 cols 80; stty -a >before.$$; "${PROCSUP}" ${words}; echo "status is $?"; stty -a >after.$$; cmp before.$$ after.$$ && echo unchanged`;
  return app.beginProgram('env', 'TERM=xterm', 'LC_ALL=C.UTF-8', 'script', '-qc', line, '/dev/null');
}

describe.skipIf(!hasScript)('attach', () => {
  test('shows the screen, has the size of our terminal, sends all keys; Ctrl-P Ctrl-Q leaves', async () => {
    const app = project(
      'shell: trap \'echo interrupted\' INT; echo ready; while :; do read -r x && eval "$x"; done; sleep infinity',
    );
    await app.up('--tty', 'shell');
    const pid = await app.pidOf('shell');
    const terminal = onTerminal(app, 'attach shell');
    await terminal.says('attached to shell.1; Ctrl-P Ctrl-Q detaches, all other keys are sent');
    await terminal.says('ready');
    terminal.type('stty size\r');
    await terminal.says('24 80');
    terminal.type('\u0003');
    await terminal.says('interrupted');
    terminal.type(`printf '\\033[?2004h\\033[?25l'; echo set\r`);
    await terminal.says(`${ESCAPE}[?2004h${ESCAPE}[?25lset\r\n`);
    terminal.type(LEAVE);
    await terminal.says('detached; shell.1 keeps running');
    await terminal.says('status is 0');
    await terminal.says('unchanged');
    expect(terminal.stdout.lastIndexOf(`${ESCAPE}[?2004l`)).toBeGreaterThan(
      terminal.stdout.lastIndexOf(`${ESCAPE}[?25lset`),
    );
    expect(terminal.stdout.lastIndexOf(`${ESCAPE}[?25h`)).toBeGreaterThan(
      terminal.stdout.lastIndexOf(`${ESCAPE}[?25lset`),
    );
    expect(await app.ps()).toMatchObject([{ state: 'running', pid }]);
    // It has its own size again, and the modes are replayed.
    const again = onTerminal(app, 'attach shell');
    await again.says(`${ESCAPE}[?2004h`);
    again.type(LEAVE);
    await again.says('status is 0');
    expect(await app.run('send', 'shell', 'stty size')).toMatchObject({ status: 0 });
    const logs = app.begin('logs', '-f', '--no-prefix', 'shell');
    await logs.says('40 120');
    logs.kill('SIGTERM');
    await logs.ended;
  });

  test('gives the terminal back when it is ended by a signal', async () => {
    const app = project("shell: printf '\\033[?2004h'; echo ready; exec sleep infinity");
    await app.up('--tty', 'shell');
    const terminal = onTerminal(app, 'attach shell');
    await terminal.says('ready');
    const [client = expect.fail('no client')] = withEnvironment(app.mark).filter(({ command }) =>
      /^\S*node\b.* attach shell$/.test(command.trim()),
    );
    process.kill(client.pid, 'SIGTERM');
    await terminal.says('unchanged');
    expect(terminal.stdout).toContain(`${ESCAPE}[?2004l`);
  });

  test('of two who are attached the first one types; both see the end of the program', async () => {
    const app = project('shell: echo ready; read -r x; echo "read $x"; exit 7');
    await app.up('--tty', 'shell', '--restart', 'never');
    const first = onTerminal(app, 'attach shell');
    await first.says('all other keys are sent');
    await first.says('ready');
    const second = onTerminal(app, 'attach shell');
    await second.says('attached to shell.1, where another client types');
    await second.says('ready');
    second.type('from the second\r');
    first.type('from the first\r');
    for (const one of [first, second]) {
      await one.says('read from the first');
      await one.says('shell.1 exited with status 7');
      await one.says('status is 7');
      await one.says('unchanged');
    }
  });
});
