import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PUPPET } from '../helpers/puppets.ts';
import { finished, start, startWith } from '../helpers/start.ts';

describe('the status is that of the process that ended the run', () => {
  test.each([
    ['exit 0', 0],
    ['exit 3', 3],
    ['exit 255', 255],
    ['kill -KILL $$', 137],
    ['kill -SEGV $$', 139],
    ['kill -TERM $$', 143],
  ])('%s: %i', async (command, status) => {
    const { status: ours, signal } = await finished(`other: sleep infinity\nweb: ${command}`);
    expect({ ours, signal }).toEqual({ ours: status, signal: null });
  });

  test('however the others end then', async () => {
    const app = start(`deaf: ${PUPPET}\nweb: ${PUPPET}`, '-t', '1h');
    const [deaf, web] = await Promise.all([app.puppet('deaf.1'), app.puppet('web.1')]);
    await deaf.listen('SIGTERM');
    web.exit(3);
    await deaf.hears('SIGTERM');
    deaf.exit(4);
    expect(await app.ended).toEqual({ status: 3, signal: null });
  });
});

describe('with --on-exit keep the run lasts until all have ended', () => {
  const endIn = async (...endings: readonly (readonly [name: string, status: number])[]) => {
    const app = start(endings.map(([name]) => `${name}: ${PUPPET}`).join('\n'), '--on-exit', 'keep');
    for (const [name, status] of endings) {
      (await app.puppet(`${name}.1`)).exit(status);
      await app.says(`${name}.1 exited with status ${status}`);
    }
    return (await app.ended).status;
  };

  test('and succeeds if all did', async () => {
    expect(await endIn(['a', 0], ['b', 0])).toBe(0);
  });

  test('and has the status of the first that failed', async () => {
    expect(await endIn(['a', 0], ['b', 4], ['c', 5])).toBe(4);
  });
});

describe('a requested stop', () => {
  test('in which everything ends in time is a success, whatever the statuses', async () => {
    const app = start(`web: ${PUPPET}`);
    const web = await app.puppet('web.1');
    await web.listen('SIGTERM');
    app.kill('SIGTERM');
    await web.hears('SIGTERM');
    web.exit(7);
    expect(await app.ended).toEqual({ status: 0, signal: null });
  });

  test('in which something had to be killed is not: 137', async () => {
    const app = start(`web: ${PUPPET}`, '-t', '100ms');
    const web = await app.puppet('web.1');
    await web.listen('SIGTERM', 'SIGINT');
    app.kill('SIGTERM');
    await app.says('web.1 has not stopped; killing it');
    await app.says('web.1 was terminated by SIGKILL (status 137)');
    expect(await app.ended).toEqual({ status: 137, signal: null });
    // Whether it can tell of it in time is a matter of the machine.
    expect(['', 'SIGTERM']).toContain(web.heard.join());
  });
});

describe('an error at once, status 2, and nothing is started:', () => {
  test.each<[what: string, files: Record<string, string>, args: string[], message: RegExp]>([
    ['an unknown name', { Procfile: 'web: echo started' }, ['wbe'], /'wbe'.*\n[^]*did you mean 'web'/],
    ['an empty Procfile', { Procfile: '' }, [], /Procfile/],
    ['a Procfile of comments', { Procfile: '# nothing\n\n' }, [], /Procfile/],
    ['no Procfile', {}, [], /Procfile/],
    ['one name twice', { Procfile: 'a: echo started\na: echo started' }, [], /Procfile:2:1/],
    ['a missing environment file', { Procfile: 'a: echo started' }, ['-e', 'nope'], /nope/],
    ['a missing working directory', { Procfile: 'a: echo started' }, ['-C', 'nope'], /'nope'.*no such dir/],
    ['an unknown option', { Procfile: 'a: echo started' }, ['--nope'], /--nope/],
    ['a wrong duration', { Procfile: 'a: echo started' }, ['-t', 'soon'], /soon/],
    ['--raw for two', { Procfile: 'a: echo started\nb: echo started' }, ['--raw'], /--raw/],
  ])('%s', async (_what, files, args, message) => {
    const app = startWith({ files, args: ['start', ...args] });
    expect(await app.ended).toEqual({ status: 2, signal: null });
    expect(app.stdout).toBe('');
    expect(app.stderr).toMatch(message);
  });
});

test('all problems of the command line, the environment and the files are shown at once', async () => {
  const app = startWith({
    files: { Procfile: 'a: x\na: y\n', '.env': 'nonsense\n' },
    args: ['start', '-t', 'q', '-p', 'x', '-m', 'b=1'],
    env: { PROCSUP_RAW: 'maybe' },
  });
  expect((await app.ended).status).toBe(2);
  for (const place of ['--timeout', '$PROCSUP_RAW', '--port', '--formation', 'Procfile:2:1', '.env:1:1']) {
    expect(app.stderr).toContain(`: ${place}: `);
  }
  expect(app.stdout).toBe('');
});

describe('what cannot be run is told by its real cause:', () => {
  test('a missing program', async () => {
    const app = await finished('web: no-such-program');
    expect(app.status).toBe(127);
    expect(app.stdout).toContain('no-such-program: not found');
    expect(app.stdout).toContain('web.1 exited with status 127: command not found');
  });

  test('a program that is not executable', async () => {
    const app = startWith({ files: { Procfile: 'web: ./plain', plain: 'text' } });
    expect(await app.ended).toEqual({ status: 126, signal: null });
    expect(app.textOf('web.1')).toContain('ermission denied');
    expect(app.stdout).toContain("web.1 could not be started: cannot run './plain': not executable");
  });

  test('a working directory that is gone when a process comes back', async () => {
    const app = startWith({
      files: { Procfile: `web: ${PUPPET}`, 'app/x': '' },
      args: ['start', '-f', 'Procfile', '-C', 'app', '--restart', 'always', '--restart-delay', '0'],
    });
    const web = await app.puppet('web.1');
    rmSync(join(app.root, 'app'), { recursive: true });
    web.exit(1);
    await app.says(/web\.1 cannot be started: the working directory .*\/app does not exist/);
    await app.says('web.1 failed after 5 restarts');
    expect((await app.ended).status).toBe(127);
  });
});

/** What becomes of a process that finds none later is in few-descriptors.test.ts. */
test('too few descriptors are told before anything is started, with a remedy', async () => {
  const app = startWith({
    files: { Procfile: 'web: sleep infinity' },
    args: ['start', '-m', 'web=60', '--on-exit', 'keep'],
    through: 'ulimit -n 100; exec "$@"',
  });
  expect(await app.ended).toEqual({ status: 125, signal: null });
  expect(app.stdout).toBe('');
  expect(app.stderr).toMatch(
    /^procsup: cannot start: 60 processes need \d+ file descriptors, and the limit is 100: raise it, as by 'ulimit -n 256', or use --stdin null\n$/,
  );
});
