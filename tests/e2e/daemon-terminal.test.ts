/** `attach` and `top`: what somebody does at a terminal, which `script` (util-linux) makes, and through a pipe. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { project, type Client, type Project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { isAlive } from '../helpers/proc.ts';
import { PROCSUP } from '../helpers/procsup.ts';

const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
if (!hasScript) console.warn('no `script` of util-linux here: nothing is tested on a terminal');

/** Says what it hears, and that its input has ended. */
const ECHO = "sed -u 's/^/heard /'; echo no more input; exec sleep infinity";

const CTRL_C = '\u0003';
const LEAVE = '\u0010\u0011';
const ESCAPE = '\u001b';

/** A command on a terminal of 80 columns, and then the status of it and how the terminal is left. */
function onTerminal(app: Project, words: string): Client {
  const line = `stty rows 24 cols 80; stty -a >before; "${PROCSUP}" ${words}; echo "status is $?"; stty -a >after; cmp before after && echo unchanged`;
  return app.beginProgram('env', 'TERM=xterm', 'LC_ALL=C.UTF-8', 'script', '-qc', line, '/dev/null');
}

describe('attach', () => {
  test.skipIf(!hasScript)('sends what is typed; Ctrl-P Ctrl-Q leaves it running', async () => {
    const app = project(`console: ${ECHO}`);
    await app.up();
    const pid = await app.pidOf('console');
    const terminal = onTerminal(app, 'attach console');
    await terminal.says(
      'attached to console.1; Ctrl-P Ctrl-Q detaches, Ctrl-C sends SIGINT, Ctrl-D closes its stdin',
    );
    terminal.type('hello there\r');
    await terminal.says('heard hello there');
    terminal.type('wrong\u0015right\r');
    await terminal.says('heard right');
    expect(terminal.stdout).not.toContain('heard wrong');
    terminal.type(LEAVE);
    await terminal.says('detached; console.1 keeps running');
    await terminal.says('status is 0');
    await terminal.says('unchanged');
    expect(await app.ps()).toMatchObject([{ state: 'running', pid, restarts: 0 }]);
    const logs = await app.run('logs', '--no-prefix', 'console');
    expect(logs.stdout).toBe('heard hello there\nheard right\n');
  });

  test.skipIf(!hasScript)('Ctrl-C is for the program, whose end is told with its status', async () => {
    const app = project("console: trap 'exit 7' INT; echo ready; while :; do sleep 0.05; done");
    await app.up('--restart', 'never');
    const terminal = onTerminal(app, 'attach console');
    // Keys are read before any output is shown.
    await terminal.says('ready');
    terminal.type(CTRL_C);
    await terminal.says('console.1 exited with status 7');
    await terminal.says('status is 7');
    await terminal.says('unchanged');
  });

  test('through a pipe: all of it arrives, then with --close-stdin the end of the input', async () => {
    const app = project(`console: ${ECHO}`);
    await app.up();
    const text = Array.from({ length: 2000 }, (_, at) => `line ${String(at)}`);
    const client = app.begin('attach', '--close-stdin', 'console');
    client.type(`${text.join('\n')}\n`);
    await client.says('heard line 1999\n');
    client.hangUp();
    await client.says('no more input\n');
    client.kill('SIGTERM');
    await client.ended;
    const logs = await app.run('logs', '--no-prefix', 'console');
    expect(logs.stdout).toBe([...text.map((line) => `heard ${line}`), 'no more input', ''].join('\n'));
    expect(await app.ps()).toMatchObject([{ state: 'running' }]);
  });

  test('the end of a pipe leaves the stdin of the process open', async () => {
    const app = project(`console: ${ECHO}`);
    await app.up();
    for (const word of ['one', 'two']) {
      const client = app.begin('attach', 'console');
      client.type(`${word}\n`);
      client.hangUp();
      await client.says(`heard ${word}\n`);
      client.kill('SIGTERM');
      await client.ended;
    }
    expect((await app.run('logs', '--no-prefix', 'console')).stdout).toBe('heard one\nheard two\n');
  });

  test('needs one that runs, and just one', async () => {
    const app = project('web: exec sleep infinity\nidle: exec sleep infinity');
    await app.up('-m', 'web=2', 'web');
    const many = await app.run('attach', 'web');
    expect([many.status, many.stderr]).toEqual([
      2,
      'procsup: web has several instances\n  help: choose one of: web.1, web.2\n',
    ]);
    expect(await app.run('stop', 'web')).toMatchObject({ status: 0 });
    expect(await app.run('attach', 'web.1')).toMatchObject({
      status: 2,
      stderr: "procsup: web.1 is not running\n  help: start it with 'procsup start web.1'\n",
    });
  });
});

describe.skipIf(!hasScript)('top', () => {
  test('shows the processes and their output; its keys restart; q restores the terminal', async () => {
    const app = project('web: echo words of web; exec sleep infinity\nworker: exec sleep infinity');
    const daemon = await app.up();
    const before = await app.pidOf('web');
    const terminal = onTerminal(app, 'top');
    await terminal.says('web.1');
    await terminal.says('worker.1');
    await terminal.says('words of web');
    expect(terminal.stdout).toContain(`${ESCAPE}[?1049h`);
    terminal.type('r');
    await until(() => !isAlive(before), 'it is restarted by a key');
    await terminal.says(/web\.1 restarted/);
    terminal.type('q');
    await terminal.says('status is 0');
    await terminal.says('unchanged');
    expect(terminal.stdout).toContain(`${ESCAPE}[?1049l`);
    expect(terminal.stdout.lastIndexOf(`${ESCAPE}[?25h`)).toBeGreaterThan(
      terminal.stdout.lastIndexOf(`${ESCAPE}[?25l`),
    );
    expect(app.owner()?.identity.pid).toBe(daemon);
  });

  test('restores it as well when the supervisor goes (3)', async () => {
    const app = project('web: exec sleep infinity');
    await app.up();
    const terminal = onTerminal(app, 'top');
    await terminal.says('web.1');
    await app.run('down');
    await terminal.says('status is 3');
    await terminal.says('unchanged');
  });

  test('needs a terminal', async () => {
    const app = project('web: exec sleep infinity');
    await app.up();
    expect(await app.run('top')).toMatchObject({ status: 2, stdout: '' });
  });
});
