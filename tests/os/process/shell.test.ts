import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { keepingShell, shellFor } from '../../../src/os/process/shell.ts';

test('a usual environment has the usual shell, and nothing more', () => {
  expect(shellFor({ PATH: '/bin', _x: '1', A1: '' })).toEqual({ file: '/bin/sh', flags: [] });
});

test.each(['app.name', 'npm_config_//registry', 'BASH_FUNC_x%%', '1x', 'a-b', 'ä'])(
  'the shell for %s passes it on',
  (name) => {
    expect(keepingShell()).toBeDefined();
    const env = { PATH: process.env['PATH'], [name]: 'value' };
    const { file, flags } = shellFor(env);
    const printed = execFileSync(file, [...flags, '-c', 'exec env'], { env, encoding: 'utf8' });
    expect(printed.split('\n')).toContain(`${name}=value`);
  },
);
