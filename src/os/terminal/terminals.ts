/** Makes the terminals of runs, and knows the latest of each name. */
import type { Refusal } from '../../core/process/exit.ts';
import type { Terminals } from '../../ports/terminals.ts';
import type { ControlDevice } from '../pipes/koffi.ts';
import { openPty } from './pty.ts';
import { createRunTerminal, USUAL_SIZE, type LiveTerminal } from './run-terminal.ts';

export interface KnownTerminals extends Terminals {
  /** Of its latest run. */
  of(name: string): LiveTerminal | undefined;
}

/** `onDrawing`: the program draws on the whole screen, told once for each run. */
export function createTerminals(
  loadControl: () => Promise<ControlDevice | undefined>,
  onDrawing: (name: string) => void,
): KnownTerminals {
  const known = new Map<string, LiveTerminal>();
  let loaded: Promise<ControlDevice | undefined> | undefined;

  return {
    async open(name) {
      const control = await (loaded ??= loadControl());
      if (control === undefined) return NO_KOFFI;
      // A reader of the first output may be a program that stops whoever is its parent: vitest sends SIGTSTP.
      ignoreStops();
      try {
        const terminal = createRunTerminal(openPty(control, USUAL_SIZE), () => onDrawing(name));
        known.set(name, terminal);
        return terminal;
      } catch (error) {
        return refusalOf(error as NodeJS.ErrnoException);
      }
    },
    of: (name) => known.get(name),
  };
}

const NO_KOFFI: Refusal = {
  by: 'refusal',
  error: 'ENOSYS',
  message:
    process.platform === 'linux'
      ? "a terminal of its own ('tty') needs the package koffi: install it with 'npm install koffi', beside procsup"
      : "a terminal of its own ('tty') is available on Linux only",
  lasting: true,
};

function refusalOf({ code = 'UNKNOWN', message }: NodeJS.ErrnoException): Refusal {
  if (code === 'EMFILE' || code === 'ENFILE')
    return { by: 'refusal', error: code, message: 'no descriptors are left for a terminal' };
  if (code === 'ENOSPC' || code === 'EIO')
    return { by: 'refusal', error: code, message: 'the system has no pseudo-terminals left' };
  return { by: 'refusal', error: code, message };
}

const nothing = (): void => undefined;

/** Of its programs: a Ctrl-Z that is sent to the parent must not stop all of them, nor their logs. */
function ignoreStops(): void {
  if (!process.listeners('SIGTSTP').includes(nothing)) process.on('SIGTSTP', nothing);
}
