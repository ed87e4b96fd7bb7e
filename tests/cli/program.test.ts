import { describe, expect, test } from 'vitest';
import { fastArgs } from '../../src/cli/fast-args.ts';
import { COMMANDS } from '../../src/cli/table/commands.ts';
import { OPTIONS } from '../../src/cli/table/options.ts';
import { readLineAloud } from '../helpers/read-line.ts';

const aloud = (line: string) => readLineAloud(line === '' ? [] : line.split(' '));

describe('command lines', () => {
  test.each([
    ['run web', { command: 'run', operands: ['web'], options: {} }],
    [
      'run -e a,b web -x --help',
      { command: 'run', operands: ['web', '-x', '--help'], options: { env: 'a,b' } },
    ],
    ['-e a run -e b -- -x --', { command: 'run', operands: ['-x', '--'], options: { env: 'a,b' } }],
    ['pipe --stats a | b', { command: 'pipe', operands: ['a', '|', 'b'], options: { stats: true } }],
    ['pipe --stats=json -- a', { command: 'pipe', operands: ['a'], options: { stats: 'json' } }],
    ['run web -- x', { command: 'run', operands: ['web', '--', 'x'], options: {} }],
    ['check --strict --json', { command: 'check', operands: [], options: { strict: true, json: true } }],
    ['-C /x check -f P', { command: 'check', operands: [], options: { root: '/x', file: 'P' } }],
  ])('%s', (line, expected) => {
    expect(aloud(line)).toEqual({ reading: { kind: 'command', line: expected }, stdout: '', stderr: '' });
  });
});

describe('errors go to stderr, with status 2', () => {
  test.each([
    [
      'start --tiemout 5s',
      "procsup: unknown option '--tiemout'; did you mean '--timeout'?\nSee 'procsup start --help'.\n",
    ],
    ['--fiel x start', "procsup: unknown option '--fiel'; did you mean '--file'?\nSee 'procsup --help'.\n"],
    ['strat', "procsup: unknown command 'strat'; did you mean 'start'?\nSee 'procsup --help'.\n"],
    ['frobnicate', "procsup: unknown command 'frobnicate'\nSee 'procsup --help'.\n"],
    ['start --port', "procsup: missing value for '--port'\nSee 'procsup start --help'.\n"],
    ['start --raw=1', "procsup: '--raw' takes no value\nSee 'procsup start --help'.\n"],
    ['start -y', "procsup: unknown option '-y'\nSee 'procsup start --help'.\n"],
    [
      'logs -l 5',
      "procsup: unknown option '-l'; use '-n COUNT' for the last lines\nSee 'procsup logs --help'.\n",
    ],
    ['wiat', "procsup: unknown command 'wiat'; did you mean 'wait'?\nSee 'procsup --help'.\n"],
    ['help lgos', "procsup: unknown command 'lgos'; did you mean 'logs'?\nSee 'procsup --help'.\n"],
    ['help nonsense', "procsup: unknown command 'nonsense'\nSee 'procsup --help'.\n"],
    ['kuit', "procsup: unknown command 'kuit'; did you mean 'quit'?\nSee 'procsup --help'.\n"],
    ['gilt', "procsup: unknown command 'gilt'\nSee 'procsup --help'.\n"],
    ['qwit', "procsup: unknown command 'qwit'; did you mean 'quit'?\nSee 'procsup --help'.\n"],
    ['exec ls', "procsup: unknown command 'exec'; 'procsup run' runs a command\nSee 'procsup --help'.\n"],
    [
      '--timeout 5s start',
      "procsup: option '--timeout' is not valid here; use it after 'procsup start' or 'procsup pipe' or 'procsup stop' or 'procsup restart' or 'procsup down' or 'procsup wait' or 'procsup lock' or 'procsup pool' or 'procsup value' or 'procsup flag' or 'procsup barrier' or 'procsup channel'\nSee 'procsup --help'.\n",
    ],
    [
      'run --strict web',
      "procsup: option '--strict' is not valid here; use it after 'procsup check'\nSee 'procsup run --help'.\n",
    ],
    ['run', "procsup: missing argument NAME|COMMAND\nSee 'procsup run --help'.\n"],
    ['check web', "procsup: 'procsup check' takes no arguments\nSee 'procsup check --help'.\n"],
  ])('%s', (line, stderr) => {
    expect(aloud(line)).toEqual({ reading: { kind: 'done', status: 2 }, stdout: '', stderr });
  });
});

test.each([
  ['start -l web', /^procsup: unknown option '-l'; name the processes without an option, as in /],
  ['start -v', /^procsup: unknown option '-v'; print the version with 'procsup --version'/],
])('what other tools know is told: %s', (line, stderr) => {
  expect(aloud(line)).toMatchObject({
    reading: { kind: 'done', status: 2 },
    stderr: expect.stringMatching(stderr) as string,
  });
});

test.each([
  ['up -D web', { command: 'start', operands: ['web'], options: { detach: true } }],
  ['start --daemon', { command: 'start', operands: [], options: { detach: true } }],
  ['start -x worker -x w*', { command: 'start', operands: [], options: { exclude: 'worker,w*' } }],
  ['quit', { command: 'down', operands: [], options: {} }],
  ['connect web', { command: 'attach', operands: ['web'], options: {} }],
  ['monit', { command: 'top', operands: [], options: {} }],
  ['list', { command: 'ps', operands: [], options: {} }],
  ['logs --tail 5', { command: 'logs', operands: [], options: { lines: '5' } }],
  ['logs --tail=5 --no-color', { command: 'logs', operands: [], options: { lines: '5', 'no-color': true } }],
  ['--no-color status', { command: 'ps', operands: [], options: { 'no-color': true } }],
])('the words of other tools do the same: %s', (line, expected) => {
  expect(aloud(line)).toEqual({ reading: { kind: 'command', line: expected }, stdout: '', stderr: '' });
  expect(fastArgs(line.split(' '))).toEqual(expected);
});

describe('help', () => {
  test.each(['--help', '-h', 'help', 'start --help', 'run -h', 'help check', '-f x start --help'])(
    '%s is data: stdout, status 0',
    (line) => {
      const { reading, stdout, stderr } = aloud(line);
      expect({ reading, stderr }).toEqual({ reading: { kind: 'done', status: 0 }, stderr: '' });
      expect(stdout).toMatch(/^Usage: procsup [^]*Examples:\n/);
    },
  );

  test('without any words it is an answer to a mistake: stderr, status 2', () => {
    const { reading, stdout, stderr } = aloud('');
    expect({ reading, stdout }).toEqual({ reading: { kind: 'done', status: 2 }, stdout: '' });
    expect(stderr).toBe(aloud('--help').stdout);
  });

  test('the options of a command come before those of all commands', () => {
    const text = aloud('logs --help').stdout;
    expect(text.indexOf('--grep')).toBeGreaterThan(0);
    expect(text.indexOf('--grep')).toBeLessThan(text.indexOf('--root'));
  });

  test('the overview lists start, ps, logs and down first, then the other groups, then the options', () => {
    const text = aloud('--help').stdout;
    const headings = [...text.matchAll(/^(\S.*):$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([
      ...['Start here', 'Run once', 'While it runs', 'Share data', 'Look closer', 'Files and shell'],
      ...['Options of all commands', 'Examples'],
    ]);
    const listed = [...text.matchAll(/^ {2}([a-z]+)(?: [[<].*?)? {2,}\S/gm)].map(([, name]) => name);
    expect(listed.slice(0, 4)).toEqual(['start', 'ps', 'logs', 'down']);
    expect(listed).toEqual([...COMMANDS.map(({ name }) => name), 'help']);
  });

  test('a text that differs between commands is that of the command', () => {
    expect(aloud('ps --help').stdout).toContain('print the list as JSON');
    expect(aloud('stats --help').stdout).toContain('print one line of JSON per interval');
    expect(aloud('stop --help').stdout).toContain('print the result as JSON');
  });

  test.each(COMMANDS)('help $name is $name --help, also by its other names', ({ name, ...spec }) => {
    const others = 'aliases' in spec ? spec.aliases : [];
    for (const word of [name, ...others]) {
      expect(aloud(`help ${word}`)).toEqual(aloud(`${name} --help`));
      expect(aloud(`${word} --help`)).toEqual(aloud(`${name} --help`));
    }
  });

  test('names every option', () => {
    const text = COMMANDS.map((command) => aloud(`${command.name} --help`).stdout).join('');
    for (const { name } of OPTIONS) expect(text).toContain(`--${name}`);
  });
});

test.each(['--version', '-V', '-v', 'version'])('%s', (line) => {
  expect(aloud(line)).toMatchObject({ reading: { kind: 'done', status: 0 }, stdout: 'procsup 0.1.0\n' });
});
