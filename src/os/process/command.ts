/**
 * Runs one program in our own place: in our process group and session and with our stdin, stdout and stderr, so that a
 * terminal works as if we were not there. We are there only to have set things up and to pass its end on.
 */
import { execa } from 'execa';
import type { Exit } from '../../core/process/exit.ts';
import { SIGNAL_NUMBERS, type SignalName } from '../../core/process/signals.ts';
import { softNofilePrelude } from './limits.ts';
import { terminalSignalsUs } from '../terminal/group.ts';

export interface CommandRequest {
  /** The program and its arguments. */
  readonly words: readonly [program: string, ...args: string[]];
  readonly root: string;
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
}

/** Those that a terminal sends to everyone in the foreground: to the program without us. */
const KEYBOARD: readonly SignalName[] = ['SIGINT', 'SIGQUIT'];
const PASSED_ON: readonly SignalName[] = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];

/** Runs a program to its end. Meanwhile no signal ends us: it is the program's to decide. */
export async function runCommand({ words, root, env }: CommandRequest): Promise<Exit> {
  // `exec` looks for a program only, never for something the shell has built in; and it runs a script without `#!`.
  const script = `${softNofilePrelude(process.env)}exec "$@"`;

  let subprocess: { kill(signal: SignalName): boolean } | undefined;
  const hear = (signal: SignalName): void => {
    if (!KEYBOARD.includes(signal) || !terminalSignalsUs()) subprocess?.kill(signal);
  };
  const listened = [...KEYBOARD, ...PASSED_ON];
  for (const signal of listened) process.on(signal, hear);
  try {
    const running = execa('/bin/sh', ['-c', script, 'sh', ...words], {
      cwd: root,
      env,
      extendEnv: false,
      stdio: 'inherit',
      reject: false,
      buffer: false,
      // How long it may take to stop is for whoever sent the signal to say.
      forceKillAfterDelay: false,
    });
    subprocess = running;
    return exitOf(await running);
  } finally {
    for (const signal of listened) process.removeListener(signal, hear);
  }
}

interface Outcome {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly code?: string | undefined;
  readonly originalMessage?: string | undefined;
}

function exitOf({ exitCode, signal, code, originalMessage }: Outcome): Exit {
  if (exitCode !== undefined) return { by: 'code', code: exitCode };
  if (signal !== undefined && isSignalName(signal)) return { by: 'signal', signal };
  return { by: 'refusal', error: code ?? 'UNKNOWN', message: originalMessage ?? 'unknown error' };
}

const isSignalName = (name: string): name is SignalName => Object.hasOwn(SIGNAL_NUMBERS, name);
