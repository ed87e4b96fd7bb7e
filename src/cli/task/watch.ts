import type { Io } from '../io.ts';
import { carryOut } from './carry-out.ts';
import type { TaskRun } from './read-run.ts';
import type { TaskSettings } from './settings.ts';

export function watchTasks(run: TaskRun, settings: TaskSettings, io: Io): Promise<number> {
  return carryOut(run, settings, io);
}
