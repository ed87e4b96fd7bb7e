/**
 * Where one process's output is kept. `web.1.log` has its bytes, `web.1.idx` their times; older ones are
 * `web.1.log.1` and `web.1.idx.1`, the oldest has the largest number. (Not `web.1.1.log`: `system.1.log` would be that of a
 * process called `system` as well as the older one of our own lines.)
 */
import { join } from 'node:path';
import { errnoOf, type LogDisk } from './disk.ts';

const WORD = '[A-Za-z0-9_-]{1,63}';
const namePattern = (slash: string): string => String.raw`${WORD}(?:\.[0-9]{1,4}|${slash}${WORD})|system`;
const WHOLE_NAME = new RegExp(`^(?:${namePattern('/')})$`);
const LOG_FILE = new RegExp(String.raw`^(${namePattern('@')})\.log(?:\.([1-9][0-9]{0,3}))?$`);

/** `web.1`, `ingest/1` or `system`: nothing else becomes the name of a file. */
export const isLogName = (name: string): boolean => WHOLE_NAME.test(name);

export interface LogPaths {
  readonly log: string;
  readonly index: string;
}

/** `age` 0 is the file that is written to. */
export function logPaths(directory: string, name: string, age: number): LogPaths {
  if (!isLogName(name)) throw new Error(`no name for a log file: ${JSON.stringify(name)}`);
  const suffix = age === 0 ? '' : `.${age}`;
  const file = join(directory, name.replace('/', '@'));
  return { log: `${file}.log${suffix}`, index: `${file}.idx${suffix}` };
}

/** The names that have files here, and the ages of these. Nothing where the directory cannot be read. */
export function listLogs(disk: LogDisk, directory: string): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const file of listOrNothing(disk, directory)) {
    const [, base, age = '0'] = LOG_FILE.exec(file) ?? [];
    if (base === undefined) continue;
    const name = base.replace('@', '/');
    const ages = found.get(name);
    if (ages === undefined) found.set(name, [Number(age)]);
    else ages.push(Number(age));
  }
  return found;
}

function listOrNothing(disk: LogDisk, directory: string): readonly string[] {
  try {
    return disk.list(directory);
  } catch (error) {
    errnoOf(error);
    return [];
  }
}
