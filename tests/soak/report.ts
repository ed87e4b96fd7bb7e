/** The table at the end: what the daemon looked like, minute by minute, and before and after all. */
import type { Reading } from './gauge.ts';
import type { Tally } from './load.ts';
import type { Heap } from './site.ts';

export interface Sample {
  readonly atMs: number;
  /** Answered until then. */
  readonly requests: number;
  readonly reading: Reading;
}

export interface Soaked {
  readonly tally: Tally;
  readonly samples: readonly Sample[];
  readonly beganMs: number;
  readonly endedMs: number;
}

export interface AtRest {
  readonly reading: Reading;
  readonly heap: Heap;
  /** Wake-ups per second. */
  readonly restless: number;
  readonly latencyMs: number;
}

export interface Report extends Soaked {
  readonly before: AtRest;
  readonly after: AtRest;
}

export function reportText(report: Report): string {
  const { before, after, tally } = report;
  const { starts, ends, logLines, missedLines, samples, requests } = tally;
  return [
    ...minuteRows(report).map((row) => row.map((cell) => cell.padStart(12)).join('')),
    `before: ${JSON.stringify(before)}`,
    `after:  ${JSON.stringify(after)}`,
    Object.entries({ requests, starts, ends, logLines, missedLines, samples })
      .map(([what, count]) => `${what}: ${String(count)}`)
      .join(', '),
  ].join('\n');
}

/** The median of the resident memory in a part of the time: 0 is its beginning, 1 its end. */
export function resident(soaked: Soaked, from: number, to: number): number {
  return quantile(
    within(soaked, soaked.samples, from, to).map(({ reading }) => reading.residentBytes),
    0.5,
  );
}

/** As `resident`, for the time that a `ps` takes in milliseconds. Not its p99: that is the machine's as well. */
export function latency(soaked: Soaked, from: number, to: number): number {
  return quantile(
    within(soaked, soaked.tally.latencies, from, to).map(({ tookMs }) => tookMs),
    0.5,
  );
}

function within<T extends { readonly atMs: number }>(
  { beganMs, endedMs }: Soaked,
  all: readonly T[],
  from: number,
  to: number,
): readonly T[] {
  const at = (part: number): number => beganMs + part * (endedMs - beganMs);
  return all.filter(({ atMs }) => atMs >= at(from) && atMs < at(to));
}

const COLUMNS = [
  'minute',
  'descriptors',
  'children',
  'zombies',
  'RSS MB',
  'files',
  'MB',
  'requests',
  'ps p50',
  'p99 ms',
];

function minuteRows({ samples, tally: { latencies }, beganMs }: Soaked): readonly (readonly string[])[] {
  const minuteOf = (atMs: number): number => Math.floor((atMs - beganMs) / 60_000);
  const minutes = [...new Set(samples.map(({ atMs }) => minuteOf(atMs)))];
  const rows = minutes.map((minute) => {
    const own = samples.filter(({ atMs }) => minuteOf(atMs) === minute);
    const took = latencies.filter(({ atMs }) => minuteOf(atMs) === minute).map(({ tookMs }) => tookMs);
    const median = (of: (reading: Reading) => number) =>
      quantile(
        own.map(({ reading }) => of(reading)),
        0.5,
      );
    return [
      minute + 1,
      median(({ descriptors }) => descriptors),
      median(({ children }) => children),
      Math.max(...own.map(({ reading }) => reading.zombies)),
      (median(({ residentBytes }) => residentBytes) / 1e6).toFixed(1),
      median(({ files }) => files),
      (median(({ fileBytes }) => fileBytes) / 1e6).toFixed(1),
      (own.at(-1)?.requests ?? 0) - (own[0]?.requests ?? 0),
      quantile(took, 0.5).toFixed(1),
      quantile(took, 0.99).toFixed(1),
    ].map(String);
  });
  return [COLUMNS, ...rows];
}

/** The value below which this part of them is; NaN for none. */
function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * part)] ?? NaN;
}
