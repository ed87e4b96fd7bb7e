/** Reads what a process finds around it: its variables and the files that set them, its ports, and its schedule. */
import { cronProblem } from '../../os/cron.ts';
import type { SchedulePlan } from '../../core/plan/process-plan.ts';
import type { EnvFileName } from '../../core/plan/process-settings.ts';
import { HIGHEST_PORT } from '../../core/plan/ports.ts';
import { isMap, sourceOf, type EntryReader } from './entry.ts';
import type { ValuePath } from '../yaml/value-path.ts';

/** A map, or a list of `NAME=VALUE`. A variable without a value, as in Compose, keeps that of our own environment. */
export function readEnvironment(reader: EntryReader): Readonly<Record<string, string>> | undefined {
  const value = reader.map['environment'];
  const path = [...reader.path, 'environment'];
  const pairs = isMap(value)
    ? Object.entries(value).map(([name, one]) => [name, one, [...path, name], 'key'] as const)
    : Array.isArray(value)
      ? value.flatMap((item: unknown, at) => itemOf(item, [...path, at]))
      : undefined;
  if (pairs === undefined) return undefined;
  const variables: Record<string, string> = {};
  for (const [name, one, at, part] of pairs) {
    if (name === '' || name.includes('=') || name.includes('\0')) {
      reader.wrong(at, `invalid name of a variable '${name}'`, 'use letters, digits and _', part);
      continue;
    }
    if (typeof one !== 'string' && typeof one !== 'number' && typeof one !== 'boolean') continue;
    const text = sourceOf(one, reader.placeOf(at));
    if (text.includes('\0'))
      reader.wrong(at, `the value of '${name}' contains a NUL byte`, 'remove the byte');
    else
      Object.defineProperty(variables, name, {
        value: text,
        enumerable: true,
        configurable: true,
        writable: true,
      });
  }
  return variables;
}

type Pair = readonly [name: string, value: unknown, path: ValuePath, part: 'key' | 'value'];

function itemOf(item: unknown, path: ValuePath): readonly Pair[] {
  if (typeof item !== 'string') return [];
  const at = item.indexOf('=');
  return at === -1
    ? [[item.trim(), undefined, path, 'value']]
    : [[item.slice(0, at).trim(), item.slice(at + 1), path, 'value']];
}

export function readEnvFiles(reader: EntryReader): readonly EnvFileName[] | undefined {
  if (reader.map['env_file'] === undefined) return undefined;
  return reader.list('env_file').flatMap(([item, path]) => {
    const { path: file, required } = isMap(item) ? item : { path: item, required: undefined };
    if (typeof file !== 'string') return [];
    const place = reader.placeOf(isMap(item) ? [...path, 'path'] : path);
    if (file.trim() !== '') return [{ file: file.trim(), required: required !== false, place }];
    reader.wrong(path, "empty value for 'env_file'", 'name a file, or remove the key');
    return [];
  });
}

export function readProfiles(reader: EntryReader): readonly string[] | undefined {
  if (reader.map['profiles'] === undefined) return undefined;
  return reader.list('profiles').flatMap(([item, path]) => {
    if (typeof item !== 'string') return [];
    if (/^[\w.-]+$/.test(item)) return [item];
    reader.wrong(path, `invalid name of a profile '${item}'`, 'use letters, digits, _, . and -');
    return [];
  });
}

/** A list of ports of Compose maps those of a container, of which there is none. */
export function readPorts(reader: EntryReader): readonly number[] | undefined {
  if (reader.map['ports'] === undefined) return undefined;
  return reader.list('ports').flatMap(([item, path]) => {
    if (typeof item !== 'string' && typeof item !== 'number') return [];
    const text = String(item);
    const port = Number(text);
    if (/^\d+$/.test(text) && port >= 1 && port <= HIGHEST_PORT) return [port];
    const mapped = /:(\d+)(?:\/\w+)?$/.exec(text)?.[1];
    if (mapped !== undefined)
      reader.wrong(path, `cannot map ports: '${text}'`, `name the port that it listens on: ${mapped}`);
    else reader.wrong(path, `invalid port '${text}'`, `use an integer from 1 to ${String(HIGHEST_PORT)}`);
    return [];
  });
}

export function readSchedule(reader: EntryReader): SchedulePlan | undefined {
  const below = reader.below('schedule');
  if (below === undefined) {
    const cron = reader.text('schedule');
    if (cron === undefined) return undefined;
    judgeCron(reader, [...reader.path, 'schedule'], cron);
    return { cron, overlap: 'skip' };
  }
  const cron = below.text('cron');
  const overlap = below.word('overlap', ['skip', 'queue', 'replace']) ?? 'skip';
  const timeZone = below.text('tz');
  if (timeZone !== undefined && !isTimeZone(timeZone))
    below.wrong(
      [...below.path, 'tz'],
      `unknown time zone '${timeZone}'`,
      'use for example Europe/Berlin or UTC',
    );
  if (cron !== undefined) judgeCron(below, [...below.path, 'cron'], cron);
  return cron === undefined ? undefined : { cron, overlap, ...(timeZone !== undefined && { timeZone }) };
}

function judgeCron(reader: EntryReader, path: EntryReader['path'], cron: string): void {
  const problem = cronProblem(cron);
  if (problem === undefined) return;
  reader.wrong(
    path,
    `invalid schedule '${cron}': ${problem}`,
    "use 'minute hour day month weekday', for example '0 6 * * MON-FRI'",
  );
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
