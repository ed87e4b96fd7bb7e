/** The keys of procsup.yaml that decide what a program is given, and what its end means. */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { procsup } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

const start = (files: Readonly<Record<string, string>>, ...words: readonly string[]) => {
  const cwd = scratch(files);
  return { cwd, ended: procsup(['start', '--no-prefix', '--on-exit', 'keep', ...words], { cwd }) };
};

test('a process runs in its directory, with its variables, by a shell or without one', async () => {
  const { cwd, ended } = start({
    'procsup.yaml': `
defaults: { environment: { ALL: every } }
processes:
  shell:
    command: 'echo "$PWD $ALL $OWN $FILE $PORT"'
    working_dir: app
    env_file: app/vars
    environment: { OWN: 1.10, PORT: 7007 }
  words:
    command: [printf, '[%s]\\n', 'a  b', $HOME, 'c|d']
`,
    'app/vars': 'FILE=read\nOWN=file',
  });
  const { status, stdout } = await ended;
  expect(status).toBe(0);
  expect(stdout).toContain(`${join(realpathSync.native(cwd), 'app')} every 1.10 read 7007\n`);
  expect(stdout).toContain('[a  b]\n[$HOME]\n[c|d]\n');
});

test('run has the same directory and variables', async () => {
  const cwd = scratch({
    'procsup.yaml':
      'processes: {web: {command: "echo $PWD $A", working_dir: app, environment: {A: x}, autostart: false}}',
    'app/x': '',
  });
  const { stdout, stderr } = await procsup(['run', 'web'], { cwd });
  expect([stdout, stderr]).toEqual([`${join(realpathSync.native(cwd), 'app')} x\n`, '']);
});

test('a status of success is no failure', async () => {
  const yaml = (statuses: string) =>
    `processes:\n  web: { command: exit 3, restart: never, success_status: ${statuses} }\n`;
  expect(await start({ 'procsup.yaml': yaml('[3]') }).ended).toMatchObject({ status: 0 });
  expect(await start({ 'procsup.yaml': yaml('[4]') }).ended).toMatchObject({ status: 3 });
});

test('a process with a profile is started when that is active, or when it is named', async () => {
  const files = {
    Procfile: 'web: echo web-$((1 + 1))\nmail: echo mail-$((1 + 1))',
    'procsup.yaml': 'processes: {mail: {profiles: [dev]}}',
  };
  const printed = async (...words: readonly string[]) =>
    (await start(files, ...words).ended).stdout
      .split('\n')
      .filter((line) => /^\w+-2$/.test(line))
      .sort();
  expect(await printed()).toEqual(['web-2']);
  expect(await printed('--profile', 'dev')).toEqual(['mail-2', 'web-2']);
  expect(await printed('mail')).toEqual(['mail-2']);
});
