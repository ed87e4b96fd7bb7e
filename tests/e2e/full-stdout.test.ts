/** What cannot be printed is an error, and the end, of the command that prints it. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { project } from '../helpers/daemon.ts';
import { PROCSUP } from '../helpers/procsup.ts';
import { PUPPET } from '../helpers/puppets.ts';
import { startWith } from '../helpers/start.ts';

describe.runIf(existsSync('/dev/full'))('with a full disk as stdout', () => {
  test('each command that prints a stream ends with an error', async () => {
    const app = project('web: echo hi; exec sleep infinity');
    await app.up();
    const client = app.begin('logs', '-f', 'web');
    await client.says('hi');
    client.kill('SIGTERM');
    await client.ended;
    for (const words of [
      'logs',
      'logs --json',
      'logs -f',
      'events',
      'events --no-follow',
      'stats --json',
      'attach web',
    ]) {
      const ended = await app.beginProgram('/bin/sh', '-c', `exec "$0" ${words} > /dev/full`, PROCSUP).ended;
      expect({ words, status: ended.status, stderr: ended.stderr }).toEqual({
        words,
        status: 125,
        stderr: 'procsup: cannot write to standard output: no space left on device\n',
      });
    }
    await app.run('down');
    const files = await app.beginProgram('/bin/sh', '-c', 'exec "$0" logs > /dev/full', PROCSUP).ended;
    expect(files.status).toBe(125);
    expect(files.stderr).toBe('procsup: cannot write to standard output: no space left on device\n');
  });

  test('start ends when its processes have, and not after the time to stop', async () => {
    const app = startWith({
      files: { Procfile: 'a: echo hi' },
      args: ['start', '-t', '1h'],
      through: 'exec "$@" >/dev/full',
    });
    expect((await app.ended).status).toBe(125);
    expect(app.stderr).toMatch(/^procsup: lost \d+ bytes of output that were not read$/m);
  });

  test('start ends as well if the disk of its stderr is full', async () => {
    const app = startWith({
      files: { Procfile: 'a: echo hi' },
      args: ['start', '-t', '1h', '--no-prefix'],
      through: 'exec "$@" 2>/dev/full',
    });
    expect((await app.ended).status).toBe(0);
    expect(app.stdout).toBe('hi\n');
  });
});

describe('with a closed stdout', () => {
  const closed = (app: ReturnType<typeof project>, words: string) =>
    app.beginProgram('/bin/sh', '-c', `exec "$0" ${words} >&- </dev/null`, PROCSUP).ended;

  test('each command that prints ends with an error', async () => {
    const app = project('web: echo hi; exec sleep infinity');
    await app.up();
    for (const words of [
      ...[
        'ps',
        'ps --json',
        'logs',
        'logs -f',
        'events --no-follow',
        'stats',
        'stats --json',
        'why web',
        'ls',
      ],
      ...[
        'check --json',
        'completion bash',
        '--help',
        'help ps',
        'ps --help',
        'version',
        'restart web',
        'down',
      ],
    ]) {
      const { status, stderr } = await closed(app, words);
      expect({ words, status, stderr }).toEqual({
        words,
        status: 125,
        stderr: 'procsup: cannot write to standard output: it is not open for writing\n',
      });
    }
  });

  test('programs that run and pipe start find it closed, as in a shell', async () => {
    const app = project('web: echo hi');
    for (const words of ['run echo hi', "pipe 'echo hi'", "pipe 'echo hi | cat'"]) {
      const { status, stderr } = await closed(app, words);
      expect({ words, status, stderr }).toMatchObject({
        words,
        status: 1,
        stderr: expect.stringMatching(/bad file descriptor|I.O error/i) as string,
      });
    }
  });

  test.each(['start', '--color never start'])('%s supervises without it', async (words) => {
    const app = project(`web: ${PUPPET}`);
    const running = app.beginProgram('/bin/sh', '-c', `exec "$0" ${words} >&- </dev/null`, PROCSUP);
    const web = await app.puppet('web.1');
    await web.print('hello\n');
    const isTaken = async () => (await app.run('logs', 'web')).stdout.includes('hello');
    while (!(await isTaken())) expect(running.stderr).toBe('');
    // What loses its reader stops: see above.
    expect(await app.run('restart', 'web')).toMatchObject({ status: 0 });
    await app.puppet('web.1');
    expect(await app.run('down')).toMatchObject({ status: 0 });
    expect(await running.ended).toMatchObject({ status: 0, stderr: '' });
  });
});
