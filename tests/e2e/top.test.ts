/** `top` on a terminal that `script` (util-linux) makes, with what it asks a real supervisor for. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { project, type Client, type Project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { withEnvironment } from '../helpers/proc.ts';
import { PROCSUP } from '../helpers/procsup.ts';

const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

const LEAVE = '\u0010\u0011';
const [SHOWN, GIVEN_BACK] = ['\u001b[?1049h', '\u001b[?1049l'];

/** On a terminal of 80 columns; then the status, and whether the terminal is left as it was. */
function topOf(app: Project): Client {
  const line = `stty rows 24 cols 80; stty -a >before.$$; "${PROCSUP}" top; echo "status is $?"; stty -a >after.$$; cmp before.$$ after.$$ && echo unchanged`;
  return app.beginProgram('env', 'TERM=xterm', 'LC_ALL=C.UTF-8', 'script', '-qc', line, '/dev/null');
}

const count = (text: string, part: string): number => text.split(part).length - 1;

describe.skipIf(!hasScript)('top', () => {
  test('shows the output of all with the lines of procsup, searches it, and marks where runs end', async () => {
    const app = project(
      'web: echo a needle of web; exec sleep infinity\nworker: echo words of worker; exec sleep infinity',
    );
    await app.up('--restart', 'never');
    const terminal = topOf(app);
    await terminal.says(/started \(pid \d+\) at \d\d:\d\d:\d\d ─/);
    await terminal.says('a needle of web');
    terminal.type('a');
    await terminal.says(/system +\|\S* worker\.1 started/);
    await terminal.says(/worker\.1 \|\S* words of worker/);
    terminal.type('/needle');
    await terminal.says("'needle' 1/1, paused");
    await terminal.says('\u001b[1;4;7mneedle');
    terminal.type('\r');
    await terminal.says('n next  N previous  Esc end');
    expect(await app.run('kill', '-s', 'KILL', 'web')).toMatchObject({ status: 0 });
    await terminal.says(/paused \([1-9]\d* new\)/);
    expect(terminal.stdout).not.toMatch(/system +\|\S* web\.1 was terminated/);
    terminal.type('\u001b');
    await terminal.says(/system +\|\S* web\.1 was terminated by SIGKILL/);
    terminal.type('a');
    await terminal.says(/── was terminated by SIGKILL \(status 137\) at \d\d:\d\d:\d\d ─/);
    terminal.type('\r');
    await terminal.says('Esc back');
    terminal.type('qq');
    await terminal.says('status is 0');
    await terminal.says('unchanged');
  });

  test('A attaches to a terminal, which is given back; the screen returns, and again after that', async () => {
    const app = project('shell: while :; do read -r x && eval "$x"; done\nplain: exec sleep infinity');
    await app.up('--tty', 'shell');
    const terminal = topOf(app);
    await terminal.says('shell.1');
    for (const round of [1, 2]) {
      const isSeen = (part: string): boolean => count(terminal.stdout, part) >= round;
      terminal.type('A');
      await until(() => isSeen('procsup: attached to shell.1;'), 'it is attached');
      terminal.type(`echo round $((${String(round)} + 40))\r`);
      await terminal.says(`round ${String(round + 40)}`);
      expect(count(terminal.stdout, GIVEN_BACK)).toBe(round);
      terminal.type(LEAVE);
      await until(() => isSeen(' detached from shell.1'), 'top says that it is detached');
      expect(count(terminal.stdout, SHOWN)).toBe(round + 1);
    }
    terminal.type('jA');
    await terminal.says("plain.1 has no terminal (set 'tty: true' in procsup.yaml)");
    expect(count(terminal.stdout, GIVEN_BACK)).toBe(2);
    terminal.type('q');
    await terminal.says('status is 0');
    await terminal.says('unchanged');
  });

  test('a signal ends it after attaching as before, and the terminal is restored', async () => {
    const app = project('shell: while :; do read -r x && eval "$x"; done');
    await app.up('--tty', 'shell');
    const terminal = topOf(app);
    await terminal.says('shell.1');
    terminal.type('A');
    await terminal.says('attached to shell.1;');
    terminal.type(LEAVE);
    await terminal.says(' detached from shell.1');
    const [client = expect.fail('no client')] = withEnvironment(app.mark).filter(({ command }) =>
      /^\S*node\b.* top$/.test(command.trim()),
    );
    process.kill(client.pid, 'SIGTERM');
    await terminal.says('status is 143');
    await terminal.says('unchanged');
  });
});
