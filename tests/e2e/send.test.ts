import { expect, test } from 'vitest';
import { project } from '../helpers/daemon.ts';
import { PROCSUP } from '../helpers/procsup.ts';
import { PUPPET } from '../helpers/puppets.ts';

/** Says what it hears, and that its input has ended. */
const ECHO = "sed -u 's/^/heard /'; echo no more input; exec sleep infinity";

test('each line is written, and the stdin stays open for the next command', async () => {
  const app = project(`console: ${ECHO}`);
  await app.up();
  const logs = app.begin('logs', '-f', '--no-prefix', 'console');
  expect(await app.run('send', 'console', 'one two', '', '--', '-x')).toEqual(
    expect.objectContaining({ status: 0, stdout: '', stderr: '' }),
  );
  await logs.says('heard one two\nheard \nheard -x\n');
  expect(await app.run('send', 'console.1', 'later')).toMatchObject({ status: 0 });
  await logs.says('heard later\n');
  expect(logs.stdout).not.toContain('no more input');
  expect(await app.ps()).toMatchObject([{ state: 'running', restarts: 0 }]);
  logs.kill('SIGTERM');
  await logs.ended;
});

test('without lines its own stdin is written, byte for byte; --close-stdin ends that of the process', async () => {
  const app = project(
    'count: od -An -tx1 | tail -n 1; echo over; exec sleep infinity\nbig: wc -c; exec sleep infinity',
  );
  await app.up();
  const script = `printf 'a\\377\\n\\000' | "$0" send --close-stdin count`;
  expect(await app.beginProgram('sh', '-c', script, PROCSUP).ended).toMatchObject({
    status: 0,
    stderr: '',
  });
  const logs = app.begin('logs', '-f', '--no-prefix');
  await logs.says(' 61 ff 0a 00\nover\n');
  const much = `head -c 300000 /dev/zero | "$0" send --close-stdin big`;
  expect(await app.beginProgram('sh', '-c', much, PROCSUP).ended).toMatchObject({ status: 0 });
  await logs.says('300000\n');
  logs.kill('SIGTERM');
  await logs.ended;
});

test('what does not read is told with how much it took; what has no stdin, too', async () => {
  const app = project('deaf: exec sleep infinity\nnone: exec sleep infinity');
  await app.up('deaf');
  const much = `head -c 100000 /dev/zero | "$0" send deaf`;
  expect(await app.beginProgram('sh', '-c', much, PROCSUP).ended).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /^procsup: deaf\.1 does not read its stdin; it took \d+ of \d+ bytes\n$/,
    ) as string,
  });
  expect(await app.run('send', 'none', 'x')).toMatchObject({
    status: 2,
    stderr: "procsup: none is not running\n  help: start it with 'procsup start none'\n",
  });
});

test('works in a foreground run; the stdin of one process is not that of another', async () => {
  const app = project(`a: sed -u 's/^/a heard /'\nb: sed -u 's/^/b heard /'\nc: ${PUPPET}`);
  const run = app.begin('start');
  await app.puppet('c.1');
  expect(await app.run('send', 'a', 'for a')).toMatchObject({ status: 0 });
  expect(await app.run('send', 'b', 'for b')).toMatchObject({ status: 0 });
  await run.says('a heard for a');
  await run.says('b heard for b');
  expect(await app.run('down')).toMatchObject({ status: 0 });
  expect((await run.ended).stdout).not.toContain('a heard for b');
});
