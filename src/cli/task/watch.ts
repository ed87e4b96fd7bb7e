import type { TaskRun } from '../commands/task.ts';
import type { Io } from '../io.ts';
import type { Located } from '../locate.ts';
import { carryOut } from './carry-out.ts';
import type { TaskSettings } from './settings.ts';

export function watchTasks(run: TaskRun, settings: TaskSettings & Located, io: Io): Promise<number> {
  return carryOut(run, settings, io);
}
