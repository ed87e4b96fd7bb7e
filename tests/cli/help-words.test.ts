import { expect, test } from 'vitest';
import { COMMAND_WORDS } from '../../src/cli/help/commands.ts';
import { describedOptions } from '../../src/cli/help/options.ts';
import { COMMANDS, type CommandName } from '../../src/cli/table/commands.ts';
import { globalOptions, optionsOf } from '../../src/cli/table/options.ts';

test.each<[CommandName, option: string, description: RegExp]>([
  ['start', 'timeout', /before they are killed$/],
  ['stop', 'timeout', /0: kill at once/],
  ['pipe', 'timeout', /^stop the pipeline/],
  ['pool', 'timeout', /^stop a job/],
  ['lock', 'timeout', /^wait at most this long for the lock/],
  ['logs', 'lines', /COUNT lines$/],
  ['events', 'lines', /COUNT events$/],
  ['queue', 'count', /^get, peek, dead:/],
  ['channel', 'count', /^recv:/],
  ['value', 'json', /^read and print values/],
  ['flag', 'json', /^print JSON, for scripts$/],
  ['stop', 'json', /^print the result as JSON/],
])('%s has its own words for --%s', (command, name, description) => {
  const options = describedOptions(optionsOf(command), command);
  expect(options.find((option) => option.name === name)?.description).toMatch(description);
});

test.each(COMMANDS)('all of $name is described', ({ name }) => {
  for (const { description } of describedOptions(optionsOf(name), name)) expect(description).not.toBe('');
  const { summary, description, examples } = COMMAND_WORDS[name];
  expect([summary, description, ...examples.flat()]).not.toContain('');
  expect(examples).not.toEqual([]);
});

test('the options of all commands are described without one', () => {
  const described = describedOptions(globalOptions());
  expect(described.find(({ name }) => name === 'root')?.description).toMatch(/^directory of the project/);
});

test('commands of a group stand together', () => {
  const groups = COMMANDS.map(({ name }) => COMMAND_WORDS[name].group);
  const begun = groups.filter((group, at) => group !== groups[at - 1]);
  expect(new Set(begun).size).toBe(begun.length);
});
