// A real terminal whose screen can be read: a tmux server of its own.
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { readScreen } from './cells.js';

const LOOK_MS = 50;
const GIVE_UP_MS = 120_000;

let opened = 0;

/** @param {{ columns: number, rows: number, cwd: string, env: Record<string, string> }} options */
export function openTerminal({ columns, rows, cwd, env }) {
  const name = `procsup-pictures-${process.pid}-${(opened += 1)}`;
  const tmux = (...args) =>
    execFileSync('tmux', ['-L', name, '-f', '/dev/null', ...args], { cwd, env, encoding: 'utf8' });
  // prettier-ignore
  tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), 'exec sh',
    ';', 'set', '-g', 'status', 'off', ';', 'set', '-g', 'default-terminal', 'tmux-256color');
  const text = () => tmux('capture-pane', '-p');

  return {
    /** Types a line and presses Enter. */
    type(line) {
      tmux('send-keys', '-l', line);
      tmux('send-keys', 'Enter');
    },
    press: (key) => tmux('send-keys', key),
    /** Waits until the screen shows this. */
    async until(/** @type {RegExp} */ pattern) {
      for (const end = Date.now() + GIVE_UP_MS; !pattern.test(text()); await sleep(LOOK_MS))
        if (Date.now() > end) throw new Error(`the screen never showed ${pattern}:\n${text()}`);
    },
    text,
    /** Runs a command in the same directory and environment, unseen. */
    aside: (command) =>
      execFileSync('sh', ['-c', command], {
        cwd,
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    screen: () => readScreen(tmux('capture-pane', '-e', '-p', '-N')),
    close: () => tmux('kill-server'),
  };
}
