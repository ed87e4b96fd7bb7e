/** What cannot be printed is an error, and the end, of the command that prints it. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { project } from '../helpers/daemon.ts';
import { PROCSUP } from '../helpers/procsup.ts';
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
    expect(files.stderr).toContain('cannot write to standard output: ENOSPC');
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
