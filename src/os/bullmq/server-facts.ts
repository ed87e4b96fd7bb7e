/** What Redis says about itself, and what follows for its queues. */

export interface ServerFacts {
  readonly version: string;
  /** The append-only file; without it a restart loses what came since the last snapshot. */
  readonly isDurable: boolean;
  readonly evictionPolicy: string;
  /** How far its clock is ahead of ours. */
  readonly offsetMs: number;
}

/** `info`: the answer of INFO. `nowMs`: in the middle of asking. */
export function serverFacts(info: string, nowMs: number): ServerFacts {
  const value = (key: string): string | undefined => new RegExp(`^${key}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const serverMs = Number(value('server_time_usec')) / 1000;
  return {
    version: value('redis_version') ?? 'unknown',
    isDurable: value('aof_enabled') === '1',
    evictionPolicy: value('maxmemory_policy') ?? 'unknown',
    offsetMs: Number.isFinite(serverMs) ? Math.round(serverMs - nowMs) : 0,
  };
}

const MOST_OFFSET_MS = 1_000;

export function remarksOn({ isDurable, offsetMs }: ServerFacts, server: string): readonly string[] {
  const seconds = (Math.abs(offsetMs) / 1000).toFixed(1);
  return [
    ...(isDurable ? [] : [`${server} may lose messages at a restart: its 'appendonly' is off`]),
    ...(Math.abs(offsetMs) > MOST_OFFSET_MS
      ? [
          `the clock of ${server} is ${seconds} s ${offsetMs > 0 ? 'ahead of' : 'behind'} ours: delays are as much off`,
        ]
      : []),
  ];
}
