/** The examples of procsup.yaml on the pages of docs/: `check` takes each as it stands. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { check } from '../../src/cli/commands/check.ts';
import { plainPaint } from '../../src/ui/problem-text.ts';
import { scratch } from '../helpers/scratch.ts';

const DOCS = resolve(import.meta.dirname, '../../docs');

/** Other files, as of a CI, have none of these. */
const OURS = /^(?:processes|pipelines|pools|queues|caps|defaults|tasks):/m;

const EXAMPLES = readdirSync(DOCS)
  .filter((name) => name.endsWith('.md'))
  .flatMap((page) =>
    [...readFileSync(join(DOCS, page), 'utf8').matchAll(/^```yaml\n([^]*?)^```/gm)]
      .map(([, text = ''], at) => ({ page, at: at + 1, text }))
      .filter(({ text }) => OURS.test(text)),
  );

test.each(EXAMPLES)('$page, example $at', async ({ text }) => {
  const cwd = scratch({ 'procsup.yaml': text, ...procfileFor(text) });
  let told = '';
  const status = await check(
    {},
    {
      stdout: () => undefined,
      stderr: (text) => (told += text),
      env: { PATH: process.env['PATH'] ?? '' },
      cwd,
      paint: plainPaint,
    },
  );
  expect({ status, told }).toMatchObject({ status: 0 });
});

/** Those that the example says something about, and that have their command in the Procfile. */
function procfileFor(text: string): Readonly<Record<string, string>> {
  const names = [...text.matchAll(/^ {2}([\w-]+): \{ tty: true \}$/gm)].map(([, name = '']) => name);
  return names.length === 0 ? {} : { Procfile: names.map((name) => `${name}: exec cat\n`).join('') };
}

test('there are examples', () => {
  for (const page of ['limits.md', 'listen.md', 'watch.md', 'procsup-yaml.md'])
    expect(EXAMPLES.map((example) => example.page)).toContain(page);
});
