/** What programs on a terminal of their own do when nobody looks: pagers, stops, ends, and lines that come too early. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { project, type Client, type Project } from '../helpers/daemon.ts';
import { startWith } from '../helpers/start.ts';

const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
const CTRL_D = '\u0004';

/** What it says on and on, without prefixes. */
async function withLogs(app: Project, look: (logs: Client) => Promise<void>): Promise<void> {
  const logs = app.begin('logs', '-f', '--no-prefix', '-n', '10000');
  await look(logs);
  logs.kill('SIGTERM');
  await logs.ended;
}

describe('a pager', () => {
  const files = {
    Procfile: 'log: seq 100 | ${PAGER:-./pager}; echo done; sleep infinity\n',
    pager: '#!/bin/sh\nprintf "press return "; read -r key </dev/tty; cat\n',
  };

  test('does not wait for a key that nobody presses', async () => {
    const app = startWith({ files, args: ['start', '--tty', 'log'] });
    await app.says('done');
    expect(app.textOf('log.1')).toMatch(/^1\n2\n[^]*\n100\ndone\n$/);
    app.kill('SIGTERM');
    await app.ended;
  });

  test('that the user has set is used, and gets its key', async () => {
    const app = project(files.Procfile.trim(), { files: { pager: files.pager, '.env': 'PAGER=./pager\n' } });
    await app.up('--tty', 'log');
    await withLogs(app, async (logs) => {
      await logs.says('press return');
      expect(logs.stdout).not.toContain('100');
      expect(await app.run('send', '--keys', 'log', '\r')).toMatchObject({ status: 0 });
      await logs.says('100\ndone\n');
    });
  });
});

describe('a stop is a signal: the terminal is read until the program has ended, and is not hung up', () => {
  /** It has more to say than the terminal holds. */
  const program = `
    import { writeFileSync, writeSync } from 'node:fs';
    process.on('SIGHUP', () => writeFileSync('hung-up', ''));
    process.on('SIGTERM', () => {
      for (let line = 1; line <= 1000; line += 1) writeSync(1, 'stopping '.padEnd(99, '.') + '\\n');
      writeSync(1, 'end of the stop\\n');
      setImmediate(() => process.exit(3));
    });
    setInterval(() => undefined, 60_000);
    writeSync(1, 'ready\\n');
  `;
  const files = { 'program.mjs': program };

  test('SIGTERM', async () => {
    const app = startWith({
      files: { Procfile: 'web: node program.mjs\n', ...files },
      args: ['start', '--tty', 'web', '--timeout', '10m'],
    });
    await app.says('ready');
    app.kill('SIGTERM');
    expect((await app.ended).status).toBe(0);
    expect(app.textOf('web.1').match(/^stopping/gm)).toHaveLength(1000);
    expect(app.textOf('web.1')).toMatch(/end of the stop\n$/);
    await app.says('web.1 exited with status 3');
    expect(existsSync(join(app.root, 'hung-up'))).toBe(false);
  });

  test('down', async () => {
    const app = project('web: node program.mjs', { files });
    await app.up('--tty', 'web', '--timeout', '10m');
    await withLogs(app, (logs) => logs.says('ready'));
    expect(await app.run('down')).toMatchObject({ status: 0 });
    const log = (await app.run('logs', '--no-prefix', '-n', '10000')).stdout;
    expect(log.match(/^stopping/gm)).toHaveLength(1000);
    expect(log).toContain('\nend of the stop\n');
    expect(log).toContain('web.1 exited with status 3');
    expect(existsSync(join(app.root, 'hung-up'))).toBe(false);
  });

  test('what its first process leaves behind is heard until its end', async () => {
    const rest = "trap '' HUP; trap 'echo the rest ends; exit' TERM; echo ready; while :; do sleep 0.1; done";
    const app = startWith({
      files: { Procfile: 'web: ./rest & exec sleep infinity\n', rest: `#!/bin/sh\n${rest}\n` },
      args: ['start', '--tty', 'web', '--timeout', '10m'],
    });
    await app.says('ready');
    app.kill('SIGTERM');
    expect((await app.ended).status).toBe(0);
    expect(app.textOf('web.1')).toMatch(/^the rest ends$/m);
  });
});

test('an end with status 0, as by Ctrl-D, is not taken for a stop: where every end is followed by a restart, so is this', async () => {
  const app = project('shell: echo ready; cat; echo left');
  await app.up('--tty', 'shell', '--restart', 'always');
  await withLogs(app, async (logs) => {
    await logs.says('ready');
    expect(await app.run('send', '--keys', 'shell', CTRL_D)).toMatchObject({ status: 0 });
    await logs.says(/left\n(?:[^]*\n)?ready\n/);
    expect(logs.stdout).toContain('shell.1 exited with status 0');
  });
  expect(await app.ps()).toMatchObject([{ state: 'running', restarts: 1 }]);
});

describe.skipIf(!hasScript)('the default is no terminal', () => {
  const look =
    'for fd in 0 1 2; do test -t $fd && echo "$PS: $fd is a terminal"; done; (: </dev/tty) 2>/dev/null && echo "$PS: controlled"; echo "$PS: done"; sleep infinity';

  test('also when procsup has one itself, and another process one of its own', async () => {
    const app = startWith({
      files: { Procfile: `plain: ${look}\nown: ${look}\n` },
      args: ['start', '--tty', 'own'],
      through: 'exec script -qec "exec $*" /dev/null',
    });
    await app.says('plain.1: done');
    await app.says('own.1: done');
    expect(app.stdout).not.toMatch(/plain.1: (\d is a terminal|controlled)/);
    expect(app.stdout.match(/own.1: (\d is a terminal|controlled)/g)).toHaveLength(4);
    app.kill('SIGTERM');
    await app.ended;
  });
});

describe('a line that comes before the program reads', () => {
  test('is taken by its terminal, which keeps it', async () => {
    const app = project(
      'web: echo busy; until test -e go; do sleep 0.1; done; read -r x; echo "got $x"; sleep infinity',
    );
    await app.up('--tty', 'web');
    await withLogs(app, async (logs) => {
      await logs.says('busy');
      expect(await app.run('send', 'web', 'early')).toMatchObject({ status: 0, stderr: '' });
      expect(logs.stdout).not.toContain('got');
      app.write('go', '');
      await logs.says('got early');
    });
  });

  test('a secret waits for the question: what was typed before may be thrown away', async () => {
    const program = `
      import { execSync } from 'node:child_process';
      import { existsSync, readSync, writeSync } from 'node:fs';
      const stty = (words) => execSync('stty ' + words, { stdio: 'inherit' });
      const buffer = Buffer.alloc(100);
      stty('-icanon min 0 time 0');
      writeSync(1, 'busy\\n');
      while (!existsSync('go')) readSync(0, buffer, 0, 100, null);
      stty('icanon -echo');
      writeSync(1, 'password: ');
      const length = readSync(0, buffer, 0, 100, null);
      writeSync(1, '\\ngot ' + (length - 1) + ' characters\\n');
      setInterval(() => undefined, 60_000);
    `;
    const app = project('admin: node program.mjs', { files: { 'program.mjs': program } });
    await app.up('--tty', 'admin');
    await withLogs(app, async (logs) => {
      await logs.says('busy');
      const sending = app.run('send', '--secret', 'admin', 'hidden');
      await app.ps();
      app.write('go', '');
      expect(await sending).toMatchObject({ status: 0, stderr: '' });
      await logs.says('got 6 characters');
      expect(logs.stdout).not.toContain('hidden');
    });
  });
});
