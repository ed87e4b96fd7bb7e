/** The README and the pages of docs/: their links lead somewhere, and the options that they name exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/table/commands.ts';
import { OPTIONS } from '../../src/cli/table/options.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGES = [
  ...['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md'],
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8');
const withoutCode = (text: string): string => text.replace(/^```[^]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

/** As the sites that show these pages make them from headings. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = [
    ...textOf(page)
      .replace(/^```[^]*?^```/gm, '')
      .matchAll(/^#+ +(.+)$/gm),
  ];
  const anchor = (heading: string): string =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
  return new Set(headings.map(([, heading = '']) => anchor(heading)));
}

function brokenLinksOf(page: string): readonly string[] {
  const links = [...withoutCode(textOf(page)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path));
    if (!existsSync(join(ROOT, target))) return true;
    return anchor !== undefined && !anchorsOf(target).has(anchor);
  });
}

/** Each `procsup VERB` with the options after it, up to the end of the command. */
function commandLinesOf(page: string): readonly string[] {
  return [...textOf(page).matchAll(/(?<![\w/.-])procsup ([a-z][^`|\n&;)]*)/g)].map(([, line = '']) => line);
}

function unknownOptionsOf(line: string): readonly string[] {
  const [verb = '', ...words] = line.replace(/ -- .*/, '').split(/[\s,]+/);
  const command = COMMANDS.find(
    ({ name, ...rest }) =>
      name === verb || ('aliases' in rest && (rest.aliases as readonly string[]).includes(verb)),
  );
  // What follows a command of the user's is not ours.
  if (command === undefined || 'passThrough' in command) return [];
  const known = OPTIONS.filter(
    ({ commands }) => commands === 'global' || commands.includes(command.name),
  ).flatMap(({ name, short, alias }) => [
    `--${name}`,
    `-${short ?? ''}`,
    `--${alias?.name ?? ''}`,
    `-${alias?.short ?? ''}`,
  ]);
  const options = words.filter((word) => /^(?:--[a-z][a-z-]*|-[A-Za-z])$/.test(word.replace(/=.*/, '')));
  return options.filter((word) => ![...known, '--help', '-h', '-c'].includes(word.replace(/=.*/, '')));
}

describe.each(PAGES)('%s', (page) => {
  test('all relative links and anchors lead somewhere', () => {
    expect(brokenLinksOf(page)).toEqual([]);
  });

  test('the options that it names belong to their commands', () => {
    const wrong = commandLinesOf(page).filter((line) => unknownOptionsOf(line).length > 0);
    expect(wrong).toEqual([]);
  });
});

test('the pages have links and command lines that are looked at', () => {
  const links = PAGES.flatMap((page) => [...withoutCode(textOf(page)).matchAll(/\]\((?![a-z]+:)/g)]);
  expect(links.length).toBeGreaterThan(40);
  expect(PAGES.flatMap(commandLinesOf).length).toBeGreaterThan(100);
});
