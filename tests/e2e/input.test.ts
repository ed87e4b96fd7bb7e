import { expect, test } from 'vitest';
import { finished, startWith } from '../helpers/start.ts';

const NOTICE = 'a.1 ended early, and its stdin was empty; --stdin open keeps it open';

test.each(['cat; echo end', 'cat /dev/stdin; echo end', 'read -r x || echo end'])(
  'with --stdin null a child reads the end of its stdin, and what may be the reason of its end is told: %s',
  async (command) => {
    const app = await finished(`a: ${command}`, '--stdin', 'null');
    expect(app.textOf('a.1')).toBe('end\n');
    expect(app.lines.filter(({ name }) => name === 'system').map(({ text }) => text)).toContain(NOTICE);
  },
);

test.each([
  ['merged', []],
  ['raw', ['--raw']],
])('a child that watches its stdin goes on: nothing comes from it, and no end (%s)', async (_, options) => {
  // 124: it was still reading when its time was over.
  const app = await finished('a: timeout 0.5 cat; echo "status $?"', ...options);
  expect(app.stdout).toContain('status 124');
  expect(app.stdout).not.toContain(NOTICE);
});

test('a child that sets O_NONBLOCK on its stdin does not set it for others', async () => {
  const nonblocking = "process.stdin.resume(); console.log('set')";
  const app = startWith({
    files: { Procfile: `a: node -e "${nonblocking}"\nb: echo ready; read -r x; echo "read: $?"\n` },
  });
  await app.says('set');
  await app.says('ready');
  app.kill('SIGTERM');
  await app.ended;
  expect(app.stdout).not.toContain('read:');
});

test('what procsup gets on stdin stays there for whoever comes next', async () => {
  const app = startWith({
    files: { Procfile: 'a: cat', text: 'one\ntwo\n' },
    args: ['start', '--stdin', 'null'],
    through: 'exec <text; "$@" >/dev/null; cat >&2',
  });
  await app.ended;
  expect(app.stderr).toBe('one\ntwo\n');
});

test('procsup starts with its stdin closed', async () => {
  const app = startWith({
    files: { Procfile: 'a: cat; echo end' },
    args: ['start', '--stdin', 'null'],
    through: 'exec "$@" <&-',
  });
  expect((await app.ended).status).toBe(0);
  expect(app.textOf('a.1')).toBe('end\n');
});
