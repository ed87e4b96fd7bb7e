import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/table/commands.ts';
import { manPage } from '../../src/cli/man-page.ts';
import { namesOf, OPTIONS, spellings } from '../../src/cli/table/options.ts';

const page = manPage();
/** As a reader sees it, without the breaks of lines. */
const plain = page
  .replaceAll(/\\f[BIR]/g, '')
  .replaceAll(String.raw`\-`, '-')
  .replaceAll(String.raw`\(aq`, "'");

test('every command has a section, with all its options', () => {
  const sections = new Map(
    plain.split(/^\.S[SH] /m).map((section) => [/^"?(\w+)/.exec(section)?.[1], section]),
  );
  for (const command of COMMANDS) {
    const section = sections.get(command.name) ?? '';
    for (const word of namesOf(command)) expect(section).toContain(word);
    const own = OPTIONS.filter(({ commands }) => commands !== 'global' && commands.includes(command.name));
    for (const flag of own.flatMap(spellings)) expect(section).toMatch(new RegExp(`[ \\n]${flag}[ ,\\n[]`));
  }
  for (const flag of OPTIONS.filter(({ commands }) => commands === 'global').flatMap(spellings))
    expect(sections.get('OPTIONS')).toMatch(new RegExp(`[ \\n]${flag}[ ,\\n[]`));
});

test('has the usual sections in the usual order', () => {
  expect([...page.matchAll(/^\.SH (.*)$/gm)].map(([, name]) => name)).toEqual([
    ...['NAME', 'SYNOPSIS', 'DESCRIPTION', 'COMMANDS', 'OPTIONS', 'EXIT STATUS', 'ENVIRONMENT', 'FILES'],
    ...['EXAMPLES', 'SEE ALSO'],
  ]);
});

test('is the same each time, in ASCII, and no text begins as a request of roff', () => {
  expect(manPage()).toBe(page);
  expect(page).toMatch(/^[\n -~]*$/);
  const requests = page.split('\n').filter((line) => /^[.']/.test(line));
  expect(requests.filter((line) => !/^\.(TH|SH|SS|TP|PP|B)\b/.test(line))).toEqual([]);
  // A hyphen that is not escaped may be printed as another character, which cannot be copied.
  expect(page.match(/(?<!\\)-/g)).toBeNull();
});

const has = (program: string, ...args: readonly string[]) => spawnSync(program, args).error === undefined;

test.skipIf(!has('mandoc', '-Tlint', '/dev/null'))(
  'mandoc finds no error, and no warning but that of the date',
  () => {
    const { stdout, stderr } = spawnSync('mandoc', ['-Tlint', '-W', 'warning'], {
      input: page,
      encoding: 'utf8',
    });
    // The page is the same whenever it is built, so it has no date.
    const findings = (stdout + stderr)
      .split('\n')
      .filter((line) => line !== '' && !line.includes('missing date'));
    expect(findings).toEqual([]);
  },
);

test.skipIf(!has('groff', '--version'))('groff formats it without a warning', () => {
  const { stdout, stderr, status } = spawnSync('groff', ['-man', '-Tascii', '-ww', '-P-c'], {
    input: page,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  // Bold and underlined characters are struck twice.
  expect(stdout.replace(/[^]\x08/g, '')).toContain('--restart POLICY');
});
