/** What `top` knows, what happens to it, and what it wants done. The deciding is in `step.ts`. */
import type { SignalName } from '../core/process/signals.ts';
import type { InstanceSnapshot } from '../core/snapshot.ts';

/** About one per second. */
export interface StatsMessage {
  /** When it was taken: ISO 8601. */
  readonly time: string;
  readonly processes: readonly InstanceSnapshot[];
  /** In the first message, by name, oldest first, one per second. */
  readonly history?: Readonly<Record<string, TopHistory>>;
}

/** CPU in percent of one core, memory in bytes; null where nothing ran. Oldest first, one per second. */
export interface TopHistory {
  readonly cpu: readonly (number | null)[];
  readonly memory: readonly (number | null)[];
}

/** A line of output, or how many lines a slow reader was not given. */
export interface LogLine {
  readonly time?: string;
  readonly name?: string;
  readonly text?: string;
  readonly missed?: number;
}

export type TopVerb = 'start' | 'stop' | 'restart';
export type TopSort = 'name' | 'cpu' | 'memory' | 'uptime';
export type LogSize = 'normal' | 'large' | 'off';

export interface TopSize {
  readonly columns: number;
  readonly rows: number;
}

/** What the keys mean at the moment. */
export type TopMode =
  | { readonly type: 'table' }
  /** The filter is being typed. */
  | { readonly type: 'filter' }
  /** For the process that was selected when the menu was opened, whatever moves meanwhile. */
  | { readonly type: 'signal'; readonly name: string; readonly index: number }
  | { readonly type: 'help' };

export interface TopLog {
  /** Oldest first. They stand still while paused. */
  readonly lines: readonly LogLine[];
  /** What came since it was paused; undefined while it follows. */
  readonly paused: { readonly lines: readonly LogLine[]; readonly count: number } | undefined;
  /** How many of `lines` are below the lowest that is shown; 0 unless paused. */
  readonly scroll: number;
  readonly wrap: boolean;
  readonly size: LogSize;
}

export interface TopModel {
  readonly title: { readonly root: string; readonly pid: number };
  readonly size: TopSize;
  /** Of the last message: '' before the first. */
  readonly time: string;
  /** In the order of the Procfile. */
  readonly instances: readonly InstanceSnapshot[];
  readonly history: Readonly<Record<string, TopHistory>>;
  readonly selected: string | undefined;
  readonly sort: TopSort;
  readonly filter: string;
  readonly mode: TopMode;
  readonly log: TopLog;
  /** What was done last, for a while. */
  readonly status: { readonly text: string; readonly atMs: number } | undefined;
  /** Monotonic. */
  readonly nowMs: number;
  /** When the last message came, or when we began. */
  readonly heardMs: number;
}

export type TopEvent =
  | { readonly type: 'stats'; readonly message: StatsMessage; readonly nowMs: number }
  /** Time passes; about one per second. */
  | { readonly type: 'tick'; readonly nowMs: number }
  /** `skipped`: so many came before `lines` that could not have been kept anyway. */
  | {
      readonly type: 'log';
      readonly name: string;
      readonly lines: readonly LogLine[];
      readonly skipped: number;
    }
  | { readonly type: 'log-ended'; readonly name: string; readonly reason: string | undefined }
  /** As `parseKeys` names them. */
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'resize'; readonly size: TopSize }
  /** What came of an `act` or a `signal`. */
  | { readonly type: 'acted'; readonly sentence: string }
  /** The supervisor does not speak to us any more. */
  | { readonly type: 'lost'; readonly reason: string | undefined };

export type TopEffect =
  /** Undefined: nobody's. Any that was followed before is no longer. */
  | { readonly type: 'follow-logs'; readonly name: string | undefined }
  | { readonly type: 'act'; readonly verb: TopVerb; readonly name: string }
  | { readonly type: 'signal'; readonly name: string; readonly signal: SignalName }
  | { readonly type: 'quit'; readonly status: number; readonly reason?: string };

export interface TopStep {
  readonly model: TopModel;
  readonly effects: readonly TopEffect[];
}

export const MENU_SIGNALS = ['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/** Later than this after the last message the supervisor is said to be silent. */
export const STALE_AFTER_MS = 3000;

/** `nowMs` is monotonic, of unknown origin, as in every event. */
export function newTop(title: TopModel['title'], size: TopSize, nowMs: number): TopModel {
  return {
    title,
    size,
    time: '',
    instances: [],
    history: {},
    selected: undefined,
    sort: 'name',
    filter: '',
    mode: { type: 'table' },
    log: { lines: [], paused: undefined, scroll: 0, wrap: false, size: 'normal' },
    status: undefined,
    nowMs,
    heardMs: nowMs,
  };
}
