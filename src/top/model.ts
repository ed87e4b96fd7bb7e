/** The state, events and effects of `top`. The transitions are in `step.ts`. */
import type { HeldThing } from '../core/exchange/held.ts';
import type { SignalName } from '../core/process/signals.ts';
import type { InstanceSnapshot } from '../core/snapshot.ts';

/** About one per second. */
export interface StatsMessage {
  /** Time of the sample: ISO 8601. */
  readonly time: string;
  readonly processes: readonly InstanceSnapshot[];
  /** In the first message, by name, oldest first, one per second. */
  readonly history?: Readonly<Record<string, TopHistory>>;
}

/** CPU in percent of one core, memory in bytes; null if not running. Oldest first, one per second. */
export interface TopHistory {
  readonly cpu: readonly (number | null)[];
  readonly memory: readonly (number | null)[];
}

/** A line of output, the number of lines dropped for a slow reader, or where a run ends or begins. */
export interface LogLine {
  readonly time?: string;
  readonly name?: string;
  readonly text?: string;
  readonly missed?: number;
  readonly mark?: RunMark;
}

/** `text`: `exited with status 1`. */
export interface RunMark {
  readonly of: 'end' | 'start';
  readonly text: string;
}

/** The source of the log that is followed: an instance, or this, which no instance can be named. */
export const ALL_OUTPUT = '*';

export type TopVerb = 'start' | 'stop' | 'restart';
export type TopSort = 'name' | 'cpu' | 'memory' | 'uptime';
export type LogSize = 'normal' | 'large' | 'off';

export interface TopSize {
  readonly columns: number;
  readonly rows: number;
}

/** The current meaning of the keys. */
export type TopMode =
  | { readonly type: 'table' }
  /** The filter is being typed. */
  | { readonly type: 'filter' }
  /** The pattern of the search is being typed. */
  | { readonly type: 'search' }
  /** For the process that was selected when the menu was opened. */
  | { readonly type: 'signal'; readonly name: string; readonly index: number }
  /** What processes exchange is shown, from its line `first` on. */
  | { readonly type: 'exchange'; readonly first: number }
  | { readonly type: 'help' };

/** What processes exchange: at most so much as is asked for. */
export interface TopHeld {
  readonly things: readonly HeldThing[];
  /** There is more. */
  readonly isCut: boolean;
}

export interface TopLog {
  /** Oldest first. Unchanged while paused. */
  readonly lines: readonly LogLine[];
  /** Lines since the pause; undefined while following. */
  readonly paused: { readonly lines: readonly LogLine[]; readonly count: number } | undefined;
  /** Number of `lines` below the last shown one; 0 unless paused. */
  readonly scroll: number;
  readonly wrap: boolean;
  readonly size: LogSize;
  /** It takes the whole screen, whatever `size` is. */
  readonly isFull: boolean;
  /** It is the output of all processes, with procsup's own lines, not that of the selected one. */
  readonly isAll: boolean;
}

/** The log is paused from the first key of the pattern on; when it follows again, only the pattern is left. */
export interface TopSearch {
  readonly pattern: string;
  /** Indices of `log.lines`, ascending. */
  readonly matches: readonly number[];
  /** The index of the current one in `matches`. */
  readonly at: number | undefined;
  /** The lowest line shown when the pattern began: the search goes back from there. */
  readonly from: number;
  /** The log was paused before. */
  readonly wasPaused: boolean;
}

/** What a full bar of the graphs is: one scale for all processes, so that they can be compared. */
export interface TopScale {
  readonly cpu: number;
  readonly memory: number;
}

export interface TopModel {
  readonly title: { readonly root: string; readonly pid: number };
  readonly size: TopSize;
  /** Time of the last message; '' before the first. */
  readonly time: string;
  /** In the order of the Procfile. */
  readonly instances: readonly InstanceSnapshot[];
  readonly history: Readonly<Record<string, TopHistory>>;
  /** `recent`: of what the table can show; `whole`: of all that is kept. */
  readonly scale: { readonly recent: TopScale; readonly whole: TopScale };
  readonly selected: string | undefined;
  readonly sort: TopSort;
  readonly filter: string;
  readonly mode: TopMode;
  readonly log: TopLog;
  readonly search: TopSearch | undefined;
  /** While it is not shown: whether there is anything. */
  readonly held: TopHeld;
  /** The last action, shown for a while. */
  readonly status: { readonly text: string; readonly atMs: number } | undefined;
  /** Monotonic. */
  readonly nowMs: number;
  /** Time of the last message, or of the start. */
  readonly heardMs: number;
}

export type TopEvent =
  | { readonly type: 'stats'; readonly message: StatsMessage; readonly nowMs: number }
  /** About once per second. */
  | { readonly type: 'tick'; readonly nowMs: number }
  /** `skipped`: number of lines before `lines` that could not have been kept. */
  | {
      readonly type: 'log';
      readonly source: string;
      readonly lines: readonly LogLine[];
      readonly skipped: number;
    }
  | { readonly type: 'log-ended'; readonly source: string; readonly reason: string | undefined }
  | { readonly type: 'held'; readonly held: TopHeld }
  /** As `parseKeys` names them. */
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'resize'; readonly size: TopSize }
  /** The outcome of an `act` or a `signal`. */
  | { readonly type: 'acted'; readonly sentence: string }
  /** The connection to the supervisor is lost. */
  | { readonly type: 'lost'; readonly reason: string | undefined };

export type TopEffect =
  /** Replaces the log that is followed; undefined: none. */
  | { readonly type: 'follow-logs'; readonly source: string | undefined }
  | { readonly type: 'act'; readonly verb: TopVerb; readonly name: string }
  | { readonly type: 'signal'; readonly name: string; readonly signal: SignalName }
  /** What processes exchange is wanted at once. */
  | { readonly type: 'ask-held' }
  /** Gives the terminal to the process until its user detaches. */
  | { readonly type: 'attach'; readonly name: string }
  | { readonly type: 'quit'; readonly status: number; readonly reason?: string };

export interface TopStep {
  readonly model: TopModel;
  readonly effects: readonly TopEffect[];
}

export const MENU_SIGNALS = ['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/** How long the last action is shown in place of the keys. */
export const STATUS_FOR_MS = 3000;

/** Without a message for this time, the supervisor is shown as not responding. */
export const STALE_AFTER_MS = 3000;

const NO_SCALE: TopScale = { cpu: 100, memory: 0 };

/** `nowMs` is monotonic, of unknown origin, as in every event. */
export function newTop(title: TopModel['title'], size: TopSize, nowMs: number): TopModel {
  return {
    title,
    size,
    time: '',
    instances: [],
    history: {},
    scale: { recent: NO_SCALE, whole: NO_SCALE },
    selected: undefined,
    sort: 'name',
    filter: '',
    mode: { type: 'table' },
    log: {
      ...{ lines: [], paused: undefined, scroll: 0 },
      ...{ wrap: false, size: 'normal', isFull: false, isAll: false },
    },
    search: undefined,
    held: { things: [], isCut: false },
    status: undefined,
    nowMs,
    heardMs: nowMs,
  };
}
