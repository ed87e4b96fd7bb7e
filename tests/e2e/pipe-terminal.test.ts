/** `procsup pipe` on a terminal, which `script` (util-linux) makes and we type on. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { gone, project, type Client, type Project } from '../helpers/daemon.ts';
import { inTime, until } from '../helpers/eventually.ts';
import { isAlive } from '../helpers/proc.ts';
import { PROCSUP } from '../helpers/procsup.ts';
import { PUPPET } from '../helpers/puppets.ts';

const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
if (!hasScript) console.warn('no `script` of util-linux here: nothing is tested on a terminal');

const CTRL_C = '\u0003';
const CTRL_Z = '\u001a';
const BEGIN = '\u001b7\u001b[B\r';
const CLEAR = '\u001b[J';
const COLOUR = /\u001b\[\d*m/g;
const END = `${CLEAR}\u001b8`;

/** A shell line on a terminal of 80 columns, and then how the terminal is left. `$p` is procsup. The shell outlives Ctrl-C. */
function onTerminal(app: Project, line: string): Client {
  const whole = `trap : INT; stty rows 24 cols 80; stty -a >before.$$; p=${PROCSUP}; ${line}; echo "status is $?"; stty -a >after.$$; cmp before.$$ after.$$ && echo unchanged`;
  return app.beginProgram('env', 'TERM=xterm', 'LC_ALL=C.UTF-8', 'script', '-qc', whole, '/dev/null');
}

/** The live lines that were drawn, and what has come since the last of them. */
function drawn(text: string) {
  const frames = text.split(BEGIN).slice(1);
  const lines = frames.map((frame) => frame.slice(0, frame.indexOf(END)));
  return { lines, since: text.slice(text.lastIndexOf(END) + END.length) };
}

describe.skipIf(!hasScript)('Ctrl-C', () => {
  test('ends all stages: 130, and the terminal is as it was', async () => {
    const app = project(`show: ${PUPPET}`);
    const terminal = onTerminal(app, '"$p" pipe "sleep 1000 | cat | show"');
    const show = await app.puppet('show.1');
    terminal.type(CTRL_C);
    await terminal.says('status is 130');
    await terminal.says('unchanged');
    expect(isAlive(show.pid)).toBe(false);
  });

  test('is for a stage to decide that reads the terminal: it lives on, and so do we', async () => {
    const app = project(`show: ${PUPPET}`);
    const terminal = onTerminal(app, '"$p" pipe "sleep 1000 | show"');
    const show = await app.puppet('show.1');
    await show.listen('SIGINT');
    terminal.type(CTRL_C);
    await show.hears('SIGINT');
    await show.print('still here\n');
    await terminal.says('still here');
    await show.start('read -r key < /dev/tty; echo "the key is $key"');
    terminal.type('q\r');
    await terminal.says('the key is q');
    expect(show.heard).toEqual(['SIGINT']);
    show.exit(0);
    await terminal.says('status is 130');
    await terminal.says('unchanged');
  });

  test('leaves nobody behind who ignores it in the background', async () => {
    const app = project(`show: ${PUPPET}`);
    const terminal = onTerminal(app, '"$p" pipe "sleep 1000 | show"');
    const show = await app.puppet('show.1');
    const deaf = await show.start('trap "" INT; exec sleep 1000');
    terminal.type(CTRL_C);
    await terminal.says('status is 130');
    await gone([deaf, show.pid]);
  });
});

describe.skipIf(!hasScript)('--progress', () => {
  test('tells what each stage moves, and marks the one that the others wait for; in the end nothing is left of it', async () => {
    const app = project(`slow: ${PUPPET}`);
    const terminal = onTerminal(app, '"$p" pipe --progress "yes | cat | slow > /dev/null"');
    const slow = await app.puppet('slow.1');
    await terminal.says('*slow');
    const isTold = () =>
      drawn(terminal.stdout).lines.some((line) => /^yes \S+\/s \S+ \| cat \S+\/s \S+ \| /.test(line));
    await until(isTold, 'rates are told');
    slow.exit(0);
    await terminal.says('status is 0');
    expect(drawn(terminal.stdout).since.startsWith(CLEAR)).toBe(true);
    await terminal.says('unchanged');
  });

  test('is taken away for --timeout and its statistics', async () => {
    const app = project(`slow: ${PUPPET}`);
    const terminal = onTerminal(app, '"$p" pipe --progress --stats --timeout 2s "yes | slow > /dev/null"');
    await terminal.says('*slow');
    await terminal.says('status is 124');
    const { since } = drawn(terminal.stdout);
    expect(since.replaceAll(COLOUR, '')).toMatch(/^\u001b\[JSTAGE .*COMMAND\r\n/);
  });

  test('ends with the first that a stage prints on the terminal', async () => {
    const app = project(`slow: ${PUPPET}`);
    const terminal = onTerminal(app, '"$p" pipe --progress "slow | sed -u s/^.*/seen/"');
    const slow = await app.puppet('slow.1');
    await terminal.says(BEGIN);
    await slow.print('abc\n');
    await until(() => drawn(terminal.stdout).since.includes(`seen\r\n${CLEAR}`), 'the line is taken away');
    slow.exit(0);
    await terminal.says('status is 0');
    expect(drawn(terminal.stdout).since).toMatch(/^seen\r\n\u001b\[Jstatus/);
  });

  test('makes room for a stage that talks with the user', async () => {
    const app = project(`slow: ${PUPPET}`);
    const terminal = onTerminal(app, '"$p" pipe --progress "yes | slow"');
    const slow = await app.puppet('slow.1');
    await terminal.says('*slow');
    await slow.start('exec 3< /dev/tty; read -r key <&3; echo "the key is $key"');
    await until(() => drawn(terminal.stdout).since === CLEAR, 'the line is taken away');
    const { length } = drawn(terminal.stdout).lines;
    terminal.type('q\r');
    await terminal.says('the key is q');
    await until(() => drawn(terminal.stdout).lines.length > length, 'it is back');
    slow.exit(0);
    await terminal.says('status is 0');
    expect(drawn(terminal.stdout).since.startsWith(CLEAR)).toBe(true);
  });

  test.each([
    ['with CI set', 'CI=1 "$p" pipe --progress "yes | other > /dev/null"'],
    ['on a terminal that can do nothing', 'TERM=dumb "$p" pipe --progress "yes | other > /dev/null"'],
    ['when stderr is none', '"$p" pipe --progress "yes | other > /dev/null" 2> err; cat err'],
  ])('is not for one %s', async (_, line) => {
    const app = project(`slow: ${PUPPET}\nother: ${PUPPET}`);
    const silent = onTerminal(app, line);
    const other = await app.puppet('other.1');
    // Started later, so the other one would have drawn as much by now.
    const terminal = onTerminal(app, '"$p" pipe --progress "yes | slow > /dev/null"');
    const slow = await app.puppet('slow.1');
    await until(() => drawn(terminal.stdout).lines.length >= 4, 'it is drawn again and again');
    slow.exit(0);
    other.exit(0);
    await Promise.all([terminal.ended, silent.ended]);
    expect(silent.stdout).toBe('status is 0\r\nunchanged\r\n');
  });

  test('is taken away by Ctrl-Z and comes back with fg; Ctrl-C leaves nothing of it', async () => {
    const app = project(`slow: ${PUPPET}`);
    const terminal = onTerminal(app, 'PS1="ready> " PROCSUP_PROGRESS=1 sh -i');
    await terminal.says('ready> ');
    terminal.type(`${PROCSUP} pipe 'yes | slow > /dev/null'\r`);
    const slow = await app.puppet('slow.1');
    await terminal.says('*slow');
    terminal.type(CTRL_Z);
    await terminal.says(/Stopped|Suspended/);
    const before = drawn(terminal.stdout);
    expect(before.since.replace('^Z', '').startsWith(CLEAR)).toBe(true);
    terminal.type('fg\r');
    await until(() => drawn(terminal.stdout).lines.length > before.lines.length, 'it is drawn again');
    terminal.type(CTRL_C);
    await gone([slow.pid]);
    await until(() => /\u001b\[J[^]*ready> $/.test(drawn(terminal.stdout).since), 'the shell is back');
    terminal.type('exit 0\r');
    await inTime(terminal.ended, 'the shell ends', () => terminal.stdout);
  });
});
