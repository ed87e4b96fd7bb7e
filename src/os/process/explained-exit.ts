/** Tells a program that cannot be executed from one that has failed: a shell only exits with 126 or 127. */
import { STATUS, type Exit } from '../../core/process/exit.ts';
import { programOf } from '../../core/shell/command.ts';
import type { LaunchRequest } from '../../ports/processes.ts';
import { findProgram } from './find-program.ts';

/**
 * What is a directory, lacks its interpreter or may not be executed is no better at the next try. What is not there may
 * be made meanwhile, by a build for example, so this stays an exit. The status is that of the shell.
 */
export function explained(
  exit: Exit,
  { script, env, root }: Pick<LaunchRequest, 'script' | 'env' | 'root'>,
): Exit {
  if (exit.by !== 'code' || (exit.code !== STATUS.notExecutable && exit.code !== STATUS.notFound))
    return exit;
  const program = programOf(script);
  if (program === undefined) return exit;
  const found = findProgram(program, env['PATH'], root);
  if (found.kind !== 'not-executable') return exit;
  const error = exit.code === STATUS.notFound ? 'ENOENT' : 'EACCES';
  return { by: 'refusal', error, message: `cannot run '${program}': ${found.why}`, lasting: true };
}
