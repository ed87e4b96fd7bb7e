/** `procsup task`: runs tasks with all that they need. */
import { STATUS } from '../../core/process/exit.ts';
import type { Io } from '../io.ts';
import type { Located } from '../locate.ts';
import { carryOut } from '../task/carry-out.ts';
import { readRun } from '../task/read-run.ts';
import type { TaskSettings } from '../task/settings.ts';

/** Returns the exit status. */
export async function task(settings: TaskSettings & Located, io: Io): Promise<number> {
  const [first, ...more] = settings.names;
  if (first === 'ls' && more.length === 0) return (await import('../task/list.ts')).listTasks(settings, io);
  const run = await readRun(settings, io);
  if (run === undefined) return STATUS.usage;
  if (settings.graph !== null) {
    const { graphText } = await import('../../core/task/graph-text.ts');
    io.stdout(graphText(run.graph, settings.graph));
    return STATUS.success;
  }
  if (settings.dryRun) return (await import('../task/dry-run.ts')).dryRun(run, settings, io);
  if (settings.audit) return (await import('../task/audit.ts')).auditTasks(run, settings, io);
  if (settings.watch) return (await import('../task/watch.ts')).watchTasks(run, settings, io);
  return carryOut(run, settings, io);
}
