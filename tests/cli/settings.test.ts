import { describe, expect, test } from 'vitest';
import type { RawOptions } from '../../src/cli/command-line.ts';
import { checkSettings, colorChoice, runSettings, startSettings } from '../../src/cli/settings.ts';

type Env = Record<string, string>;

const start = (options: RawOptions, env: Env = {}, operands: string[] = []) =>
  startSettings({ command: 'start', operands, options }, env);

describe('start', () => {
  test('defaults', () => {
    expect(start({})).toEqual({
      value: {
        names: [],
        exclude: [],
        noDeps: false,
        color: 'auto',
        labels: {},
        localBin: true,
        timeoutMs: 5000,
        restart: 'never',
        restartDelayMs: 500,
        onExit: 'stop',
        timestamps: 'time',
        prefix: true,
        raw: false,
        detach: false,
        wait: 'ready',
        waitTimeoutMs: undefined,
        noWait: false,
        stdin: 'open',
        json: false,
        logSizeBytes: 10 * 1024 * 1024,
        logFiles: 3,
      },
      problems: [],
    });
  });

  test.each<[RawOptions, Env, object]>([
    [{ timeout: '1m30s' }, {}, { timeoutMs: 90_000 }],
    [{ timeout: '2' }, { PROCSUP_TIMEOUT: '3' }, { timeoutMs: 2000 }],
    [{}, { PROCSUP_TIMEOUT: '3' }, { timeoutMs: 3000 }],
    [{}, { PROCSUP_TIMEOUT: '' }, { timeoutMs: 5000 }],
    [{}, { PROCSUP_RESTART_DELAY: '250ms' }, { restartDelayMs: 250 }],
    [{ restart: 'on-failure', 'on-exit': 'keep' }, {}, { restart: 'on-failure', onExit: 'keep' }],
    [{}, { PROCSUP_ON_EXIT: 'keep' }, { onExit: 'keep' }],
    [{ 'no-prefix': true, raw: true }, {}, { prefix: false, raw: true }],
    [{}, { PROCSUP_NO_PREFIX: '1', PROCSUP_RAW: 'off' }, { prefix: false, raw: false }],
    [{ raw: true }, { PROCSUP_RAW: '0' }, { raw: true }],
    [{ 'no-local-bin': true }, {}, { localBin: false }],
    [{}, { PROCSUP_NO_LOCAL_BIN: '1' }, { localBin: false }],
    [{ env: 'a,b' }, {}, { env: ['a', 'b'] }],
    [{}, { PROCSUP_FILE: 'F', PROCSUP_ROOT: 'R', PROCSUP_ENV: 'E' }, { file: 'F', root: 'R', env: ['E'] }],
    [{}, { PROCSUP_CONCURRENCY: 'web=2' }, { formation: 'web=2' }],
    [{}, { PROCSUP_CONCURRENCY: 'web=2', PROCSUP_FORMATION: 'web=3' }, { formation: 'web=3' }],
    [{ port: '1' }, { PROCSUP_PORT: '2' }, { port: '1' }],
    [{ color: 'never' }, {}, { color: 'never' }],
    [{}, { PROCSUP_STRICT: 'nonsense' }, { raw: false }],
  ])('%o with %o', (options, env, expected) => {
    const { value, problems } = start(options, env);
    expect(problems).toEqual([]);
    expect(value).toMatchObject(expected);
  });

  test.each(['1', 'true', 'yes', 'on', 'TRUE', 'On'])('a switch is on with %s', (text) => {
    expect(start({}, { PROCSUP_RAW: text }).value?.raw).toBe(true);
  });

  test.each(['0', 'false', 'no', 'off', '', 'No'])("a switch is off with '%s'", (text) => {
    expect(start({}, { PROCSUP_RAW: text })).toMatchObject({ value: { raw: false }, problems: [] });
  });

  test('all problems at once, each with its place', () => {
    const { value, problems } = start(
      { timeout: '5x', restart: 'alwys', file: '' },
      { PROCSUP_RAW: 'maybe', PROCSUP_ON_EXIT: 'explode' },
    );
    expect(value).toBeUndefined();
    expect(problems.map(({ code, place, message, remedy }) => [code, place?.file, message, remedy])).toEqual([
      ['option-empty', '--file', 'empty value', 'set a value, or omit --file'],
      [
        'option-duration',
        '--timeout',
        "invalid duration '5x'",
        'use for example 500ms, 5s or 1m30s; a plain number means seconds; the limit is 24 days',
      ],
      ['option-choice', '--restart', "invalid value 'alwys'", "did you mean 'always'?"],
      ['option-choice', '$PROCSUP_ON_EXIT', "invalid value 'explode'", 'use one of: stop, keep'],
      [
        'option-switch',
        '$PROCSUP_RAW',
        "invalid value 'maybe'",
        'use 1, true, yes or on; or 0, false, no, off or an empty value',
      ],
    ]);
    expect(problems[1]?.place).toEqual({ file: '--timeout', line: 1, column: 1, length: 2, text: '5x' });
  });
});

test('run keeps the words of its command', () => {
  const line = { command: 'run', operands: ['web', '-x', '--'], options: { port: '1' } } as const;
  expect(runSettings(line, {}).value).toEqual({
    target: 'web',
    args: ['-x', '--'],
    port: '1',
    color: 'auto',
    labels: { port: '--port' },
    localBin: true,
  });
});

test('check', () => {
  const line = { command: 'check', operands: [], options: { strict: true } } as const;
  expect(checkSettings(line, { PROCSUP_JSON: 'yes', PROCSUP_FORMATION: 'web=2' }).value).toEqual({
    strict: true,
    json: true,
    formation: 'web=2',
    color: 'auto',
    labels: { formation: '$PROCSUP_FORMATION' },
    localBin: true,
  });
});

test('the choice of colours survives other mistakes', () => {
  expect(colorChoice({ color: 'always', timeout: 'x' }, {})).toBe('always');
  expect(colorChoice({ color: 'sometimes' }, {})).toBe('auto');
});

test('--no-color is --color never, whatever the variable says', () => {
  const line = { command: 'check', operands: [], options: { 'no-color': true } } as const;
  expect(checkSettings(line, { PROCSUP_COLOR: 'always' }).value?.color).toBe('never');
});
