/** Pseudo-terminals for programs, one for each run. */
import type { Refusal } from '../core/process/exit.ts';
import type { InputEnd } from './processes.ts';
import type { ReadInto } from './output.ts';

export interface RunTerminal {
  /** The program opens this as its stdin, stdout, stderr and controlling terminal. */
  readonly path: string;
  /** Our end; it belongs to whoever reads it by `readInto`. */
  readonly fd: number;
  /** Reads lines for a log of what the program draws. */
  readonly readInto: ReadInto;
  readonly input: InputEnd;
  /** The program has ended: after what it has written comes the end, unless a descendant has the terminal. */
  letGo(): void;
  /** The program was not started. Closes both ends. */
  discard(): void;
}

export interface Terminals {
  open(name: string): Promise<RunTerminal | Refusal>;
}
