import { expect, test } from 'vitest';
import { finished, startWith } from '../helpers/start.ts';

test.each(['cat; echo end', 'cat /dev/stdin; echo end', 'read -r x || echo end'])(
  'the input of a child is empty: %s',
  async (command) => {
    const app = await finished(`a: ${command}`);
    expect(app.textOf('a.1')).toBe('end\n');
  },
);

test('what procsup gets on stdin stays there for whoever comes next', async () => {
  const app = startWith({
    files: { Procfile: 'a: cat', text: 'one\ntwo\n' },
    through: 'exec <text; "$@" >/dev/null; cat >&2',
  });
  await app.ended;
  expect(app.stderr).toBe('one\ntwo\n');
});

test('procsup starts with its stdin closed', async () => {
  const app = startWith({ files: { Procfile: 'a: cat; echo end' }, through: 'exec "$@" <&-' });
  expect((await app.ended).status).toBe(0);
  expect(app.textOf('a.1')).toBe('end\n');
});
