/** One run of the command of `queue work`. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quoteValue } from '../../core/pool/quote-value.ts';
import type { Guardian } from '../../os/process/guardian.ts';
import { shellFor } from '../../os/process/shell.ts';
import { bytesOf, type SentMessage } from '../../control/session/message.ts';
import { printed } from './message-text.ts';

export type CommandEnd =
  | { readonly code: number }
  | { readonly signal: string }
  /** The message, or what runs it, is at fault. */
  | { readonly refused: string }
  /** The machine is: a full disk, no descriptor. */
  | { readonly unwritten: string };

export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Ends the command if we are killed. */
  readonly guardian: Pick<Guardian, 'add' | 'remove'>;
}

/** One word is a command line for the shell; several are a program and its arguments. */
export function runCommand(
  words: readonly string[],
  message: SentMessage,
  { env, guardian }: CommandOptions,
): Promise<CommandEnd> {
  const text = printed(message);
  const [first = '', ...rest] = words;
  const { file, flags } = shellFor(env);
  const [program, args] =
    words.length === 1
      ? [file, [...flags, '-c', first.replaceAll('{}', () => quoteValue(text))]]
      : [first, rest.map((word) => word.replaceAll('{}', () => text))];
  return new Promise((resolve) => {
    let input: number;
    try {
      input = inputWith(bytesOf(message));
    } catch (error) {
      resolve({ unwritten: (error as Error).message });
      return;
    }
    let child: ChildProcess;
    try {
      child = spawn(program, args, { stdio: [input, 'inherit', 'inherit'], env, detached: true });
    } catch (error) {
      // A message with a NUL, or that is too long, in place of {}.
      resolve({ refused: (error as Error).message });
      return;
    } finally {
      closeSync(input);
    }
    child.on('error', (error) => resolve({ refused: error.message }));
    const { pid } = child;
    if (pid !== undefined) guardian.add(pid);
    child.on('exit', (code, signal) => {
      if (pid !== undefined) guardian.remove(pid);
      resolve(signal === null ? { code: code ?? 0 } : { signal });
    });
  });
}

let inputs = 0;

/**
 * A descriptor from which the message is read. It is a file without a name, as a pipe would have to be filled while the
 * command runs: if we were killed meanwhile, the command would take a part of the message, or nothing, for all of it.
 */
function inputWith(bytes: Uint8Array): number {
  const path = join(tmpdir(), `procsup-message-${String(process.pid)}-${String((inputs += 1))}`);
  try {
    // `wx`: nobody else's file, and no link.
    writeFileSync(path, bytes, { flag: 'wx', mode: 0o600 });
    return openSync(path, 'r');
  } finally {
    rmSync(path, { force: true });
  }
}
