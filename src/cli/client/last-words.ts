/** The lines that a program wrote before its last end, from a running supervisor or from the files of the last one. */
import type { LogRecord } from '../../control/api.ts';
import type { ControlClient } from '../../control/client.ts';

/** An event about one instance; those of an older supervisor, and of the files, have only a text. */
export interface ToldEvent {
  readonly time: string;
  readonly text: string;
}

export const MOST_LAST_WORDS = 10;
/** Behind the lines of the run that ended there may be those of the next. */
const MOST_READ = 1000;

const TOLD_LATER_MS = 1000;

/** When the run that ended last began and ended, as Unix time in milliseconds. */
export interface EndedRun {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** Of these events about one instance; undefined if none tells of an end. */
export function lastEnd(name: string, events: readonly ToldEvent[]): EndedRun | undefined {
  const isEnd = ({ text }: ToldEvent) =>
    text.startsWith(`${name} exited `) || text.startsWith(`${name} was terminated`);
  const end = events.findLastIndex(isEnd);
  const ended = events[end];
  if (ended === undefined) return undefined;
  const earlier = events.slice(0, end);
  const timeOf = (event: ToldEvent | undefined) => (event === undefined ? 0 : Date.parse(event.time));
  const beganMs = timeOf(earlier.findLast(({ text }) => text.startsWith(`${name} started (`)));
  // The first lines may have been read before it was told that it runs. Those of the run before are not among them.
  const sinceMs = Math.max(beganMs - TOLD_LATER_MS, timeOf(earlier.findLast(isEnd)) + 1);
  return { sinceMs, untilMs: timeOf(ended) };
}

export async function lastWords(
  client: ControlClient,
  name: string,
  { sinceMs, untilMs }: EndedRun,
): Promise<readonly string[]> {
  const lines: string[] = [];
  await new Promise<void>((resolve) => {
    client.stream(
      'GET',
      '/v1/logs',
      { names: [name], since: sinceMs, lines: MOST_READ },
      {
        line(value) {
          const { time, text } = value as LogRecord;
          if (Date.parse(time) <= untilMs) lines.push(text);
        },
        // What is missing is no reason not to tell the rest.
        ended: () => resolve(),
      },
    );
  });
  return lines.slice(-MOST_LAST_WORDS);
}
