/** Limits that the kernel keeps, as shell code that sets them before a program begins. */
import { quoteWord } from '../shell/words.ts';
import type { KernelLimits } from './limits.ts';

/** ulimit counts core dumps in such blocks, as POSIX says. */
const BLOCK_BYTES = 512;

/** The script with its limits. `shell`: the words of the shell that runs it, for a nice value, which only nice(1) can set. */
export function withKernelLimits(limits: KernelLimits, script: string, shell: readonly string[]): string {
  const { nofile, core, nproc, priority } = limits;
  const lines = [
    ...(nofile === undefined ? [] : [setting('nofile', String(nofile), ['n'])]),
    ...(core === undefined ? [] : [setting('core', coreBlocks(core), ['c'])]),
    // dash and busybox call it `-p`, which is something else elsewhere.
    ...(nproc === undefined ? [] : [setting('nproc', String(nproc), ['u', 'p'])]),
  ].join('');
  if (priority === undefined) return lines + script;
  const words = ['nice', '-n', String(priority), ...shell, '-c', script];
  return `${lines}exec ${words.map(quoteWord).join(' ')}`;
}

const coreBlocks = (bytes: number): string =>
  bytes === Infinity ? 'unlimited' : String(Math.ceil(bytes / BLOCK_BYTES));

/** The soft limit and the hard one. A program that is not limited as its user wants it does not begin. */
function setting(key: string, value: string, letters: readonly string[]): string {
  const tries = letters.map((letter) => `ulimit -${letter} ${value}`).join(' || ');
  const hard = letters.map((letter) => `ulimit -H${letter}`).join(' || ');
  const told = `echo "procsup: cannot set ${key} to ${value}; the hard limit is $({ ${hard}; } 2>/dev/null)" >&2`;
  return `{ ${tries}; } 2>/dev/null || { ${told}; exit 126; }\n`;
}
