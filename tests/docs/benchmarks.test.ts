/** Figures that are published name the commit that they were taken of, and do not outlive its code. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';

interface Block {
  readonly measure: string;
  readonly commit: string;
}
interface Published {
  readonly TITLES: Readonly<Record<'task', string>>;
  readonly MEASURED_CODE: readonly string[];
  readonly OLDEST_DAYS: number;
  readonly blocksOf: (document: string) => Block[];
  readonly withBlock: (document: string, block: Block, text: string) => string;
}
const ROOT = resolve(import.meta.dirname, '../..');
const { blocksOf, MEASURED_CODE, OLDEST_DAYS, TITLES, withBlock } = (await import(
  pathToFileURL(join(ROOT, 'bench/published.js')).href
)) as Published;
const DAY_S = 86_400;

const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
const document = readFileSync(join(ROOT, 'docs/BENCHMARKS.md'), 'utf8');
const committedAt = (...args: string[]): number => Number(git('log', '-1', '--format=%ct', ...args));

/** A tarball has no history, and a shallow clone has not all of it. */
const hasHistory = existsSync(join(ROOT, '.git')) && isWhole();

function isWhole(): boolean {
  try {
    return git('rev-parse', '--is-shallow-repository') === 'false';
  } catch {
    return false; // No git, or a repository that it does not trust.
  }
}

describe.runIf(hasHistory)('docs/BENCHMARKS.md', () => {
  const newest = hasHistory ? committedAt('HEAD', '--', ...MEASURED_CODE) : 0;

  test('has figures', () => {
    expect(blocksOf(document)).not.toEqual([]);
  });

  test.each(blocksOf(document))('$measure is not much older than the code that it measures', ({ commit }) => {
    const days = (newest - committedAt(commit)) / DAY_S;
    expect(days, `take them again: npm run bench -- --markdown docs/BENCHMARKS.md`).toBeLessThan(OLDEST_DAYS);
  });

  test('has all its tables in such blocks', () => {
    const outside = document.replace(/<!-- bench:[\w-]+ commit=\w+ -->[^]*?<!-- bench:end -->/g, '');
    expect(outside.match(/^\|.*/gm)).toBeNull();
  });
});

test('the figures of the README are those of the benchmarks', () => {
  const speed = /\n## Speed\n([^]*?)\n## /.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))?.[1] ?? '';
  const cells = [...speed.matchAll(/^\|(?!-|\s*\|)([^|]*)\|(.*)\|$/gm)].flatMap(([, , figures = '']) => [
    ...figures.matchAll(/(?<![\w.])\d[\d,.]*×?/g),
  ]);
  expect(cells.length).toBeGreaterThan(5);
  const published = new Set(document.match(/\d[\d,.]*×?/g));
  for (const [figure] of cells)
    expect(published, `${figure} in the README`).toContain(figure.replace(/[.,]$/, ''));
});

describe('a block', () => {
  const text = (measure: string, commit: string, body: string) =>
    `<!-- bench:${measure} commit=${commit} -->\n\n${body}\n\n<!-- bench:end -->`;

  test('takes the place of the older one of its measure', () => {
    const before = `# B\n\n## Start\n\nWords.\n\n${text('startup', 'aaa', 'old')}\n\n## Tasks\n\n${text('task', 'bbb', 't')}\n`;
    const after = withBlock(before, { measure: 'startup', commit: 'ccc' }, 'new $& text\n');
    expect(after).toBe(
      before.replace(text('startup', 'aaa', 'old'), () => text('startup', 'ccc', 'new $& text')),
    );
    expect(blocksOf(after)).toEqual([
      { measure: 'startup', commit: 'ccc' },
      { measure: 'task', commit: 'bbb' },
    ]);
  });

  test('comes below the heading and the words of its measure', () => {
    expect(
      withBlock('# B\n\n## Start\n\nWords.\n\n## Other\n', { measure: 'startup', commit: 'a' }, 'x'),
    ).toBe(`# B\n\n## Start\n\nWords.\n\n${text('startup', 'a', 'x')}\n\n## Other\n`);
  });

  test('makes its heading', () => {
    expect(withBlock('# B\n', { measure: 'task', commit: 'a' }, 'x')).toBe(
      `# B\n\n## ${TITLES.task}\n\n${text('task', 'a', 'x')}\n`,
    );
  });
});
