/** `rs` in a foreground `start`, typed on a real terminal, and what must not be read from it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { until } from '../helpers/eventually.ts';
import { homeBase } from '../helpers/home-scratch.ts';
import { scratch } from '../helpers/scratch.ts';
import { CTRL_C, CTRL_D, CTRL_Z, hasScript, shellOnTerminal } from '../helpers/shell-on-terminal.ts';

process.env['TMPDIR'] = homeBase();

const WEB = '  web: { command: exec sleep infinity, watch: src }\n';
const API = '  api: { command: exec sleep infinity, watch: api }\n';
const WATCHES = /watching files; type 'rs' to restart by hand/;
const restarts = (names: string): RegExp => new RegExp(`restart requested: ${names} \\(by \`rs.*\`\\)`);

function shell(processes: string) {
  const files = { 'src/a': '1', 'api/a': '1', 'procsup.yaml': `processes:\n${processes}` };
  const root = scratch(files);
  const terminal = shellOnTerminal(root);
  return {
    ...terminal,
    terminal,
    write: (path: string, text: string) => writeFileSync(join(root, path), text),
  };
}

describe.skipIf(!hasScript)('on a terminal', () => {
  test('rs restarts all that is watched, then what was named last, then what a save has restarted', async () => {
    const terminal = shell(WEB + API + '  db: { command: exec sleep infinity }\n');
    await terminal.prompts();
    terminal.type('$P start\n');
    await terminal.shows(WATCHES);
    terminal.type('\nrs\n');
    await terminal.shows(restarts('web\\.1, api\\.1'));
    terminal.type('rs db\n');
    await terminal.shows(restarts('db\\.1'));
    terminal.type('rs\n');
    await terminal.shows(restarts('db\\.1'));
    terminal.write('api/a', '2');
    await terminal.shows(/restarting api\.1: api\/a changed/);
    terminal.type('rs\n');
    await terminal.shows(restarts('api\\.1'));
    terminal.type('rs wbe\n');
    await terminal.shows(/unknown process 'wbe'; did you mean 'web'\?/);
    terminal.type(CTRL_C);
    await terminal.prompts();
    terminal.type('echo the shell reads $((40+2))\n');
    await terminal.shows(/the shell reads 42/);
  });

  test('rs with nothing to restart says so, and rs NAME starts it', async () => {
    const terminal = shell(WEB);
    await terminal.prompts();
    terminal.type('$P start\n');
    await terminal.shows(WATCHES);
    expect(terminal.run('stop', 'web').status).toBe(0);
    terminal.type('rs\n');
    await terminal.shows(/nothing to restart: no watched process is running; 'rs NAME' starts one/);
    terminal.type('rs web\n');
    await terminal.shows(restarts('web\\.1'));
    await terminal.shows(/web\.1 started/);
    terminal.type(CTRL_C);
    await terminal.prompts();
  });

  test('Ctrl-D ends nothing: rs is heard after it', async () => {
    const terminal = shell(WEB);
    await terminal.prompts();
    terminal.type('$P start\n');
    await terminal.shows(WATCHES);
    terminal.type(CTRL_D);
    terminal.type('rs\n');
    await terminal.shows(restarts('web\\.1'));
    terminal.type(CTRL_C);
    await terminal.prompts();
  });

  test('after Ctrl-Z and bg nothing is read, and after fg it is again', async () => {
    const terminal = shell(WEB);
    await terminal.prompts();
    terminal.type('$P start\n');
    await terminal.shows(WATCHES);
    terminal.type(CTRL_Z);
    await terminal.shows(/Stopped/i);
    await terminal.prompts();
    terminal.type('bg\nrs() { echo the shell has $((40+2)); }\nrs\n');
    await terminal.shows(/the shell has 42/);
    expect(terminal.shown).not.toMatch(restarts('web'));
    // It is not stopped by SIGTTIN: it acts while it is in the background.
    expect(terminal.run('restart', 'web').status).toBe(0);
    await terminal.shows(/restart requested: web\.1/);
    terminal.type('fg\n');
    await terminal.shows(/fg[^]*start/);
    terminal.type('rs\n');
    await terminal.shows(restarts('web\\.1'));
    terminal.type(CTRL_C);
    await terminal.prompts();
  });

  test('a start in the background never reads, and does when it is brought to the front', async () => {
    const terminal = shell(WEB);
    await terminal.prompts();
    terminal.type('$P start &\n');
    await terminal.shows(/web\.1 started/);
    expect(terminal.run('restart', 'web').status).toBe(0);
    for (const number of [1, 2, 3]) {
      terminal.type(`echo line $((40+${String(number)}))\n`);
      await terminal.shows(new RegExp(`line ${String(40 + number)}`));
    }
    expect(terminal.shown).not.toMatch(WATCHES);
    expect(terminal.run('ps').stdout).toContain('running');
    terminal.type('fg\n');
    await terminal.shows(WATCHES);
    terminal.type('rs\n');
    await terminal.shows(restarts('web\\.1'));
    terminal.type(CTRL_C);
    await terminal.prompts();
  });

  test.each([
    ['without a watch', '  web: { command: exec sleep infinity }\n', '$P start'],
    ['when its output goes elsewhere', WEB, '$P start | cat'],
    ['when its stdin is no terminal', WEB, '$P start </dev/null'],
    ['with --no-watch', WEB, '$P start --no-watch'],
    ['with --raw', WEB, '$P start --raw'],
  ])('%s nothing is read: the shell has what was typed', async (_what, processes, command) => {
    const terminal = shell(processes);
    await terminal.prompts();
    terminal.type(`rs() { echo the shell has $((40+2)); }; ${command}\n`);
    await until(() => terminal.run('ps').stdout.includes('running'), 'it runs');
    terminal.type('rs\n');
    expect(terminal.run('restart', 'web').status).toBe(0);
    expect(terminal.run('down').status).toBe(0);
    await terminal.shows(/the shell has 42/);
    expect(terminal.shown).not.toMatch(WATCHES);
  });

  test('nothing is left when the terminal is closed', async () => {
    const terminal = shell(WEB);
    await terminal.prompts();
    terminal.type('$P start\n');
    await terminal.shows(WATCHES);
    terminal.hangUp();
    await until(() => terminal.everything().length === 0, 'all have ended');
  });
});
