/** The file `schedules` in the state directory of a project. It is replaced as a whole, so no crash leaves half of one. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RememberedSchedules, ScheduleMemory } from '../../ports/schedule-memory.ts';

export function scheduleMemoryIn(stateDirectory: string): ScheduleMemory {
  const path = join(stateDirectory, 'schedules');
  return {
    read() {
      try {
        return parse(readFileSync(path, 'utf8'));
      } catch {
        return undefined;
      }
    },
    write(remembered) {
      const next = `${path}.new`;
      try {
        writeFileSync(next, `${JSON.stringify(remembered)}\n`, { mode: 0o600 });
        renameSync(next, path);
      } catch (error) {
        // A full disk, or a directory that is gone: schedules go on.
        if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      }
    },
  };
}

/** Somebody may have edited it, or a later version of us has written it. */
function parse(text: string): RememberedSchedules | undefined {
  const { lookedMs, schedules } = JSON.parse(text) as Partial<Record<string, unknown>>;
  if (typeof lookedMs !== 'number' || !Number.isFinite(lookedMs) || !isRecord(schedules)) return undefined;
  const sound = Object.entries(schedules).filter(([, one]) => isSound(one));
  return { lookedMs, schedules: Object.fromEntries(sound) as RememberedSchedules['schedules'] };
}

function isSound(one: unknown): boolean {
  if (!isRecord(one) || typeof one['cron'] !== 'string') return false;
  return one['timeZone'] === undefined || typeof one['timeZone'] === 'string';
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
