/** What the files of the last supervisor tell when none is running: procsup's own lines, and those of the processes. */
import { existsSync } from 'node:fs';
import { namesMatcher, processIn } from '../../core/plan/select.ts';
import { nodeDisk } from '../../logs/disk.ts';
import { listLogs } from '../../logs/paths.ts';
import { readLogFiles } from '../../logs/read.ts';
import { systemClock } from '../../os/clock.ts';
import { placesOf } from '../../os/files/places.ts';
import { recordOf } from '../../host/records/log-record.ts';
import type { LogRecord } from '../../control/api.ts';

export interface PastEvent {
  readonly time: string;
  readonly text: string;
}

/** As many events as a supervisor keeps. */
const MOST_EVENTS = 1000;

export interface Past {
  /** The last events, oldest first. */
  events(sinceMs: number | null): Promise<readonly PastEvent[]>;
  /** The last lines of an instance that were written between two times. */
  lines(instance: string, sinceMs: number, untilMs: number, count: number): Promise<readonly string[]>;
  /** The instances that have written anything. */
  readonly names: readonly string[];
}

/** Undefined if there are no log files: nothing has run in the background. */
export function pastOf(root: string, env: NodeJS.ProcessEnv): Past | undefined {
  const { logDirectory } = placesOf(root, env);
  if (!existsSync(logDirectory)) return undefined;
  const last = async (
    name: string,
    sinceMs: number | null,
    count: number,
    isWanted: (record: LogRecord) => boolean,
  ): Promise<readonly LogRecord[]> => {
    const kept: LogRecord[] = [];
    for await (const batch of readLogFiles(
      logDirectory,
      { names: [name], sinceMs, lines: null },
      systemClock,
    )) {
      kept.push(...batch.map(recordOf).filter(isWanted));
      kept.splice(0, kept.length - count);
    }
    return kept;
  };
  return {
    names: [...listLogs(nodeDisk, logDirectory).keys()].filter((name) => name !== 'system').sort(),
    events: (sinceMs) => last('system', sinceMs, MOST_EVENTS, () => true),
    lines: async (instance, sinceMs, untilMs, count) => {
      const found = await last(instance, sinceMs, count, ({ time }) => Date.parse(time) <= untilMs);
      return found.map(({ text }) => text);
    },
  };
}

/** Whether an event names one of the processes or instances, or no instance at all; no names mean all. */
export function isAbout({ text }: PastEvent, names: readonly string[]): boolean {
  if (names.length === 0) return true;
  const isNamed = namesMatcher(names);
  const found = instancesIn(text);
  return found.length === 0 || found.some((name) => isNamed(name) || isNamed(processIn(name)));
}

/** `web.1` and `ingest/parse` in a sentence. What clients are (`procsup stop web.1`) is left out. */
export function instancesIn(text: string): readonly string[] {
  return (
    text.replace(/`[^`]*`/g, '').match(/(?<![\w./-])[A-Za-z0-9_-]+(?:\.\d+|\/[A-Za-z0-9_-]+)(?![\w/-])/g) ??
    []
  );
}
