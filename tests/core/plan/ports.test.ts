import type { EnvFile } from '../../../src/core/plan/sources.ts';
import { describe, expect, test } from 'vitest';
import { portBase, portOf, type PortSources } from '../../../src/core/plan/ports.ts';

const file = (text: string, PORT: string): EnvFile => ({
  file: '.env',
  text,
  values: { PORT },
  problems: [],
});
const sources = (some: Partial<PortSources>): PortSources => ({
  option: undefined,
  envFiles: [],
  realEnv: {},
  ...some,
});

test.each([
  [0, 1, 5000],
  [0, 2, 5001],
  [3, 1, 5300],
  [3, 5, 5304],
])('process %i, instance %i', (index, instance, port) => {
  expect(portOf(5000, index, instance)).toBe(port);
});

test('another step from one process to the next', () => {
  expect(portOf(5000, 3, 5, 20)).toBe(5064);
});

describe('the base is', () => {
  const envFiles = [file('PORT=4000', '4000'), file('PORT=4100', '4100')];
  const realEnv = { PORT: '3000' };
  const appFile = {
    ...{ text: '6000', place: { file: 'procsup.yaml', line: 1, column: 7, length: 4, text: 'port: 6000' } },
  };
  test.each([
    ['the option', { option: '2000', appFile, envFiles, realEnv }, 2000],
    ['what procsup.yaml says', { appFile, envFiles, realEnv }, 6000],
    ['what the last file says', { envFiles, realEnv }, 4100],
    ['what the environment says', { realEnv }, 3000],
    ['5000', {}, 5000],
    ['5000 if PORT is empty', { envFiles: [file('PORT=', '')], realEnv: { PORT: '' } }, 5000],
  ])('%s', (_, some, base) => {
    expect(portBase(sources(some))).toEqual({ value: base, problems: [] });
  });
});

describe('an invalid base', () => {
  test.each(['', '0', '-1', '65536', '5000x', ' 5000', '1e3', '0x10', '80.5', '٥', '9'.repeat(400)])(
    '%j',
    (option) => {
      const { value, problems } = portBase(sources({ option }));
      expect(value).toBeUndefined();
      expect(problems).toMatchObject([
        { code: 'port-invalid', severity: 'error', place: { file: '--port' } },
      ]);
    },
  );

  test('of an environment file is shown in its place', () => {
    const text = '# x\r\nPORT=1\r\n  export PORT="abc" # y\r\n';
    expect(portBase(sources({ envFiles: [file(text, 'abc')] })).problems).toMatchObject([
      {
        message: "invalid port 'abc'",
        place: { file: '.env', line: 3, column: 3, length: 21 },
      },
    ]);
  });

  test('of the environment names that', () => {
    expect(portBase(sources({ realEnv: { PORT: 'abc' } })).problems[0]?.place).toEqual({
      file: '$PORT',
      line: 1,
      column: 1,
      length: 3,
      text: 'abc',
    });
  });
});
