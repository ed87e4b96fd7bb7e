import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/table/commands.ts';
import { optionNamed, OPTIONS, optionsOf, spellings, twins } from '../../src/cli/table/options.ts';
import { readSettings } from '../../src/cli/read-settings.ts';

test.each(COMMANDS)('no two options of $name are spelled alike', ({ name }) => {
  const all = [...optionsOf(name).flatMap(spellings), '--help', '-h', '--version', '-V'];
  expect(new Set(all).size).toBe(all.length);
});

test.each(COMMANDS)('no two options of $name share an environment variable', ({ name }) => {
  const all = optionsOf(name).flatMap(twins);
  expect(new Set(all).size).toBe(all.length);
});

test('every default is one of the choices', () => {
  for (const { choices, default: standard } of OPTIONS) {
    // Without one the command decides by what else it is told.
    if (choices !== undefined && standard !== undefined) expect(choices).toContain(standard);
  }
});

test('spellings and twins follow from the name', () => {
  expect(spellings(optionNamed('formation'))).toEqual(['--formation', '-m', '--concurrency', '-c']);
  expect(twins(optionNamed('formation'))).toEqual(['PROCSUP_FORMATION', 'PROCSUP_CONCURRENCY']);
  expect(twins(optionNamed('restart-delay'))).toEqual(['PROCSUP_RESTART_DELAY']);
  expect(twins(optionNamed('no-prefix'))).toEqual(['PROCSUP_NO_PREFIX']);
  expect(twins(optionNamed('timeout', 'wait'))).toEqual([]);
});

test('a variable has one meaning, whichever command reads it', () => {
  const variables = OPTIONS.flatMap(twins);
  expect(new Set(variables).size).toBe(variables.length);
});

test.each(['wait', 'pipe'] as const)('the patience of start is not that of %s', (command) => {
  const env = { PROCSUP_TIMEOUT: '1s' };
  expect(readSettings({}, env, command).optionalDuration('timeout')).toBeUndefined();
  expect(readSettings({ timeout: '2s' }, env, command).optionalDuration('timeout')).toBe(2000);
  expect(readSettings({}, env, 'start').duration('timeout')).toBe(1000);
});
