import { describe, expect, test } from 'vitest';
import { startWith, type StartOptions } from '../helpers/start.ts';

const printedBy = async (command: string, options: StartOptions = {}): Promise<string> => {
  const app = startWith({ files: { Procfile: `a: ${command}\n`, some: 'file' }, ...options });
  expect((await app.ended).status).toBe(0);
  return app.textOf('a.1');
};

describe('a child sees descriptors 0, 1 and 2 and no others', () => {
  // The glob is the shell's own, and is read through a descriptor of its own, which is then closed.
  const LIST =
    'for fd in 0 1 2 3 4 5 6 7 8 9 $(seq 10 120); do [ -e /proc/$$/fd/$fd ] && echo $fd; done; true';

  test('of procsup, however many it has itself', async () => {
    expect(await printedBy(LIST)).toBe('0\n1\n2\n');
    const app = startWith({
      files: { Procfile: `a: ${LIST}` },
      args: ['start', '-m', 'a=20', '--on-exit', 'keep'],
    });
    await app.ended;
    for (let at = 1; at <= 20; at += 1) expect(app.textOf(`a.${at}`)).toBe('0\n1\n2\n');
  });

  test('of those that procsup was started with', async () => {
    // `sh` knows descriptors of one digit only, so the larger ones are made by others.
    const through =
      `exec ${process.execPath} -e '` +
      'const { openSync } = require("node:fs");' +
      'const fd = openSync("some"); const stdio = [0, 1, 2]; stdio[5] = fd; stdio[30] = fd; stdio[100] = fd;' +
      'const child = require("node:child_process").spawn(process.argv[1], process.argv.slice(2), { stdio: Array.from(stdio, (x) => x ?? "ignore") });' +
      'child.on("exit", (status) => process.exit(status));' +
      '\' "$@"';
    expect(await printedBy(LIST, { through })).toBe('0\n1\n2\n');
    expect(await printedBy(LIST, { through: 'exec "$@" 5<some 9<some' })).toBe('0\n1\n2\n');
  });
});

describe('a child can open again', () => {
  test.each([
    ['/dev/stdout', 'echo x > /dev/stdout', 'x\n'],
    ['/dev/stderr', 'echo y > /dev/stderr', 'y\n'],
    ['/dev/stdin', 'echo a | cat /dev/stdin; : < /dev/stdin; echo end', 'a\nend\n'],
    ['/proc/self/fd/1', 'sh -c "echo z > /proc/self/fd/1"', 'z\n'],
  ])('%s', async (_path, command, output) => {
    expect(await printedBy(command)).toBe(output);
  });
});

describe('a child has the default disposition of every signal', () => {
  const DISPOSITIONS = 'grep -E "^Sig(Blk|Ign)|^ShdPnd" /proc/self/status';
  const none = 'ShdPnd:\t0000000000000000\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n';

  test('though Node ignores SIGPIPE', async () => {
    expect(await printedBy(DISPOSITIONS)).toBe(none);
  });

  test('though procsup was started with some ignored', async () => {
    const through = 'trap "" INT TERM PIPE USR1; exec "$@"';
    expect(await printedBy(DISPOSITIONS, { through })).toBe(none);
  });
});

test.each(['777', '64'])('a child has the soft limit of open files of procsup: %s', async (limit) => {
  const through = `ulimit -Sn ${limit}; exec "$@"`;
  expect(await printedBy('ulimit -Sn', { through })).toBe(`${limit}\n`);
});

test('the hard limit stays what it was', async () => {
  const through = 'ulimit -Sn 500; ulimit -Hn 2000; exec "$@"';
  expect(await printedBy('ulimit -Sn; ulimit -Hn', { through })).toBe('500\n2000\n');
});
