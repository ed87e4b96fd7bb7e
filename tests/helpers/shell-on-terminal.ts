/** A shell with job control on a terminal of its own, which `script` (util-linux) makes and we type on. */
import { spawn, spawnSync } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { becomes, inTime, until } from './eventually.ts';
import { signalIfAlive, withEnvironment } from './proc.ts';
import { ownPlaces, PROCSUP } from './procsup.ts';

export const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
if (!hasScript) console.warn('no `script` of util-linux here: nothing is tested on a terminal');

export const CTRL_C = '\u0003';
export const CTRL_D = '\u0004';
export const CTRL_Z = '\u001a';

const PROMPT = 'prompt> ';
let count = 0;

export function shellOnTerminal(root: string) {
  const mark = `TEST_MARK=shell-${String(process.pid)}-${String((count += 1))}-${String(Date.now())};`;
  const { env } = ownPlaces();
  const surroundings = { PATH: process.env['PATH'], ...env, NO_COLOR: '1', TERM: 'dumb' };
  const terminal = spawn('script', ['-qc', 'exec sh -i', '/dev/null'], {
    cwd: root,
    env: {
      ...{ ...surroundings, SHELL: '/bin/sh', PS1: PROMPT, HOME: root, P: PROCSUP },
      TEST_MARK: mark.slice('TEST_MARK='.length),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  terminal.stdin.on('error', () => undefined);
  let shown = '';
  let seen = 0;
  terminal.stdout.on('data', (bytes: Buffer) => (shown += bytes.toString()));
  const closed = new Promise<void>((resolve) => terminal.once('close', () => resolve()));
  const everything = () => withEnvironment(mark).filter(({ pid }) => pid !== terminal.pid);

  onTestFinished(async () => {
    for (const { pid } of everything()) signalIfAlive(pid, 'SIGKILL');
    terminal.kill('SIGKILL');
    await until(() => withEnvironment(mark).length === 0, 'nothing of the test is left');
  });

  const shell = {
    get shown() {
      return shown;
    },
    /** After what was awaited last. */
    async shows(pattern: RegExp): Promise<void> {
      const isShown = await becomes(() => pattern.test(shown.slice(seen)));
      if (!isShown) throw new Error(`the terminal does not show ${String(pattern)}:\n${shown}`);
      const match = pattern.exec(shown.slice(seen));
      seen += (match?.index ?? 0) + (match?.[0].length ?? 0);
    },
    prompts: (): Promise<void> => shell.shows(new RegExp(PROMPT)),
    type: (keys: string) => void terminal.stdin.write(keys),
    /** A command of procsup from elsewhere. */
    run: (...args: readonly string[]) =>
      spawnSync(PROCSUP, args, { cwd: root, env: surroundings, encoding: 'utf8' }),
    hangUp: () => void terminal.kill('SIGKILL'),
    closed: () => inTime(closed, 'the terminal closes', () => shown),
    everything,
  };
  return shell;
}
