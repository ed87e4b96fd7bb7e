/** The public form of a line of a log book. */
import { isUtf8 } from 'node:buffer';
import type { LogRecord, RunMark } from '../../control/api.ts';
import type { LogEntry } from '../../logs/query.ts';
import type { LogRun } from '../../logs/runs.ts';

export const markOf = ({ since, pid }: LogRun): RunMark => ({ run: { since, pid } });

export function recordOf({ name, wallMs, text, unfinished }: LogEntry): LogRecord {
  const record = {
    ...{ time: new Date(wallMs).toISOString(), name, text: text.toString() },
    ...(unfinished !== undefined && { unfinished }),
  };
  return isUtf8(text) ? record : { ...record, base64: text.toString('base64') };
}
