/** What the shell of a slot reads: commands that it runs one after the other, each in a subshell. */
import { scriptFor } from '../shell/command.ts';
import { quoteWord } from '../shell/words.ts';

/** The descriptors of the shell: where it tells the status, and the stderr for jobs that have our own. */
export const STATUS_FD = 3;
export const STDERR_FD = 4;

/** Where the output of the jobs goes: to FIFOs that each job opens by itself, or to what the shell has. */
export type JobOutput = { readonly out: string; readonly err: string } | null;

/** Run once. The shell outlives the signal that stops its job, and tells the status then; in a subshell a trap is reset. */
export const shellScript = (prelude: string): string => `${prelude}\ntrap : TERM\n`;

/** `slot` is in the environment of the jobs, as in GNU parallel. */
export const parallelVariables = (slot: number, pid: number): string =>
  `export PARALLEL_SEQ PARALLEL_JOBSLOT=${String(slot)} PARALLEL_PID=${String(pid)}\n`;

/**
 * Runs one command and tells its status as a line `ID STATUS`. By `eval`, so that a syntax error ends the subshell only.
 * As the files are opened for each job, we can tell whether something of it still holds them afterwards. The blank is for a
 * command that begins with a dash: to bash it would be an option of `eval`.
 */
export function jobScript(id: number, seq: number, command: string, output: JobOutput): string {
  const to = output === null ? `2>&${String(STDERR_FD)} ${String(STDERR_FD)}>&-` : outputWords(output);
  const script = quoted(needsOwnShell(command) ? `exec /bin/sh -c ${quoted(command)}` : scriptFor(command));
  return (
    `PARALLEL_SEQ=${String(seq)}; (eval ' '${script}) </dev/null ${to} ${String(STATUS_FD)}>&-; ` +
    `echo "${String(id)} $?" >&${String(STATUS_FD)}\n`
  );
}

const outputWords = ({ out, err }: NonNullable<JobOutput>): string =>
  `>${quoteWord(out)} 2>${quoteWord(err)}`;

/** In a subshell `$$` is the pid of the warm shell, the same for all jobs of a slot. */
const needsOwnShell = (command: string): boolean => command.includes('$$') || command.includes('PPID');

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The status of a job in `line`, with the shell that tells it. Undefined: something else was written there. */
export function readStatus(line: string): { readonly id: number; readonly status: number } | undefined {
  const found = /^(\d+) (\d+)$/.exec(line);
  return found === null ? undefined : { id: Number(found[1]), status: Number(found[2]) };
}
