import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { launch, PROCSUP, procsup } from '../../helpers/procsup.ts';
import { scratch } from '../../helpers/scratch.ts';

const SIGNALS = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/** Says what it hears, and ends with status 7 after the first signal. */
const LISTENER = `
  for (const name of ${JSON.stringify(SIGNALS)})
    process.once(name, () => { console.log('heard', name); process.exitCode = 7; clearInterval(forever); });
  const forever = setInterval(() => {}, 1e6);
  console.log('ready');`;

describe('signals', () => {
  // Tests have no terminal, so that none of these can have come from one.
  test.each(SIGNALS)('%s is the program’s to decide', async (signal) => {
    const running = launch(PROCSUP, ['run', process.execPath, '-e', LISTENER], { cwd: scratch() });
    await running.printed('ready');
    running.child.kill(signal);
    expect(await running.ended).toEqual({
      status: 7,
      signal: null,
      stdout: `ready\nheard ${signal}\n`,
      stderr: '',
    });
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s of which the program dies: status %i', async (signal, status) => {
    const words = ['run', 'sh', '-c', 'echo ready; exec tail -f /dev/null'];
    const running = launch(PROCSUP, words, { cwd: scratch() });
    await running.printed('ready');
    running.child.kill(signal);
    expect(await running.ended).toMatchObject({ status, signal: null });
  });
});

// util-linux's `script` gives the program a terminal of its own, of which our end is a pipe.
describe.runIf(process.platform === 'linux' && works('script', '--version'))('on a terminal', () => {
  const onTerminal = (words: string) =>
    launch('script', ['-qec', `exec ${PROCSUP} run ${words}`, '/dev/null'], {
      cwd: scratch({ 'listen.js': LISTENER }),
    });

  test('it is the program’s own', async () => {
    const running = onTerminal(
      `sh -c 'test -t 0 && test -t 1 && test -t 2 && echo ready && read x && echo "got $x"'`,
    );
    await running.printed('ready');
    running.child.stdin.write('hello\r');
    const { status, stdout } = await running.ended;
    expect(stdout).toContain('got hello\r\n');
    expect(status).toBe(0);
  });

  test('Ctrl-C reaches the program once', async () => {
    const running = onTerminal(`${process.execPath} listen.js`);
    await running.printed('ready');
    running.child.stdin.write('\u0003');
    const { status, stdout } = await running.ended;
    expect(stdout.match(/heard \w+/g)).toEqual(['heard SIGINT']);
    expect(status).toBe(7);
  });

  test('Ctrl-C that ends the program ends us with 130', async () => {
    const running = onTerminal(`sh -c 'echo ready; exec tail -f /dev/null'`);
    await running.printed('ready');
    running.child.stdin.write('\u0003');
    expect(await running.ended).toMatchObject({ status: 130 });
  });
});

test('stdin, stdout and stderr are the program’s own', async () => {
  const running = launch(PROCSUP, ['run', 'sh', '-c', 'cat; echo err >&2; cat < /dev/null'], {
    cwd: scratch(),
  });
  running.child.stdin.end('in');
  expect(await running.ended).toEqual({ status: 0, signal: null, stdout: 'in', stderr: 'err\n' });
});

test('the soft limit of open files is the one that procsup was started with', async () => {
  const limited = (limit: string) =>
    launch('/bin/sh', ['-c', `ulimit -Sn ${limit}; exec "$1" run sh -c 'ulimit -Sn'`, 'sh', PROCSUP], {
      cwd: scratch(),
    }).ended;
  expect(await limited('512')).toMatchObject({ status: 0, stdout: '512\n' });
});

test('a program without #! is run by the shell, as shells do', async () => {
  const cwd = scratch({ plain: 'echo "$1"\n' });
  execFileSync('chmod', ['+x', 'plain'], { cwd });
  expect(await procsup(['run', './plain', 'a b'], { cwd })).toMatchObject({ status: 0, stdout: 'a b\n' });
});

function works(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
