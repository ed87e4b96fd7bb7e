import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CommandName } from '../../src/cli/table/commands.ts';
import { fastArgs } from '../../src/cli/fast-args.ts';
import { globalOptions, optionsOf, spellings, type Option } from '../../src/cli/table/options.ts';
import { readLine } from '../helpers/read-line.ts';

describe('reads what is ordinary', () => {
  test.each<[words: string, operands: string[], options: Record<string, string | true>]>([
    ['start', [], {}],
    ['start web worker', ['web', 'worker'], {}],
    ['start -p 5000', [], { port: '5000' }],
    ['start -p5000 web', ['web'], { port: '5000' }],
    ['start --port=5000', [], { port: '5000' }],
    ['start --port 5000 web --raw', ['web'], { port: '5000', raw: true }],
    ['start --port 1 --port 2', [], { port: '2' }],
    ['start -m web=2 -c worker=3', [], { formation: 'web=2,worker=3' }],
    ['start --concurrency=all=2', [], { formation: 'all=2' }],
    ['-f Other start', [], { file: 'Other' }],
    ['-e a start -e b,c', [], { env: 'a,b,c' }],
    ['--color never start --color=always', [], { color: 'always' }],
    ['start -- --raw -p', ['--raw', '-p'], {}],
    ['start web -- worker', ['web', 'worker'], {}],
    ['start --no-prefix', [], { 'no-prefix': true }],
    ['start --timeout --raw', [], { timeout: '--raw' }],
    ['start --env=', [], { env: '' }],
  ])('%s', (words, operands, options) => {
    expect(fastArgs(words.split(' '))).toEqual({ command: 'start', operands, options });
  });
});

describe('reads the command line of a program as its own', () => {
  test.each<[words: string, operands: string[], options: Record<string, string | true>]>([
    ['run web', ['web'], {}],
    ['run npm test --port 1', ['npm', 'test', '--port', '1'], {}],
    ['run -p 1 npm -p 2 -- -p 3', ['npm', '-p', '2', '--', '-p', '3'], { port: '1' }],
    ['run -- npm -- test', ['npm', '--', 'test'], {}],
    ['run -- --port', ['--port'], {}],
    ['-f Other pipe --stats a | b --last', ['a', '|', 'b', '--last'], { file: 'Other', stats: true }],
    [
      'pipe --stats=json -t5s --last a -x | b',
      ['a', '-x', '|', 'b'],
      {
        stats: 'json',
        timeout: '5s',
        last: true,
      },
    ],
    ['pipe -- -a | b', ['-a', '|', 'b'], {}],
  ])('%s', (words, operands, options) => {
    const line = { operands, options };
    expect(fastArgs(words.split(' '))).toMatchObject(line);
    expect(readLine(words.split(' '))).toMatchObject({ kind: 'command', line });
  });
});

describe('leaves the rest to the thorough parser', () => {
  test.each([
    '',
    'run',
    'run --',
    'run -x web',
    'run --port',
    'pipe --stats',
    'pipe --stats=no a',
    'pipe --tiemout 5s a',
    'pipe - a',
    'pipe --help',
    'check web',
    'check --tiemout 5s',
    'wait',
    'ps --strict',
    '--help',
    'start --help',
    'start -h',
    '--version',
    'start --tiemout 5s',
    'start -x',
    'start --raw=1',
    'start --port',
    'start -p',
    'start -',
    '-- start',
    '-p 5000 start',
    '-f',
    'strat',
  ])('%s', (words) => {
    expect(fastArgs(words === '' ? [] : words.split(' '))).toBeUndefined();
  });
});

const value = fc.constantFrom('5000', '', 'web=2', 'a,b', '--raw', '-1', '--', '=x', 'start', 'a b');
const alone = (spelling: string): fc.Arbitrary<string[]> => fc.constant([spelling]);
const apart = (spelling: string): fc.Arbitrary<string[]> => value.map((text) => [spelling, text]);
const attached = (spelling: string): fc.Arbitrary<string[]> =>
  value.map((text) => [spelling.startsWith('--') ? `${spelling}=${text}` : `${spelling}${text}`]);

/** Options as people write them: apart, attached, and wrong in the usual ways. */
const written = (options: readonly Option[]): fc.Arbitrary<string[]> =>
  fc
    .constantFrom(...options.flatMap(spellings), '--help', '--prot', '-x', '--stats=json', '--stats=no')
    .chain((spelling) => fc.oneof(alone(spelling), apart(spelling), attached(spelling)));
const operand = fc
  .constantFrom('web', 'worker', 'start', '--', '-', '-5', 'run', '|', 'a | b', '')
  .map((word) => [word]);

const commandLine = (command: CommandName): fc.Arbitrary<string[]> =>
  fc
    .tuple(
      fc.array(written([...globalOptions(), ...optionsOf(command)]), { maxLength: 2 }),
      fc.constantFrom(command, command, command, command, 'check', '--'),
      fc.array(fc.oneof(written(optionsOf(command)), operand), { maxLength: 6 }),
    )
    .map(([before, verb, after]) => [...before.flat(), verb, ...after.flat()]);

const TAUGHT = ['start', 'run', 'pipe'] as const;

test.each(TAUGHT)('agrees with commander on every line of %s that it takes', (command) => {
  let taken = 0;
  fc.assert(
    fc.property(commandLine(command), (words) => {
      const fast = fastArgs(words);
      if (fast === undefined) return;
      taken++;
      expect(readLine(words)).toEqual({ kind: 'command', line: fast });
    }),
    { numRuns: 2000 },
  );
  expect(taken).toBeGreaterThan(200);
});

test.each(TAUGHT)('takes every valid line that commander takes for %s', (command) => {
  const first = command === 'start' ? [] : ['web'];
  const valid = fc
    .tuple(
      fc.array(validOption(globalOptions()), { maxLength: 2 }),
      fc.array(validOption(optionsOf(command)), { maxLength: 3 }),
      fc.array(fc.oneof(validOption(optionsOf(command)), alone('web')), { maxLength: 5 }),
    )
    .map(([before, own, after]) => [...before.flat(), command, ...own.flat(), ...first, ...after.flat()]);
  fc.assert(
    fc.property(valid, (words) => {
      expect({ kind: 'command', line: fastArgs(words) }).toEqual(readLine(words));
    }),
  );
});

function validOption(options: readonly Option[]): fc.Arbitrary<string[]> {
  return fc.constantFrom(...options).chain((option) =>
    fc.constantFrom(...spellings(option)).chain((spelling) => {
      if (option.value === undefined) return alone(spelling);
      // A short option with nothing attached takes the next word, which may be the command.
      return fc.oneof(
        apart(spelling),
        attached(spelling).filter(([word]) => word !== spelling),
      );
    }),
  );
}
