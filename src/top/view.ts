/** What of `top` is to be seen: which processes in which order, and how the screen is shared out. */
import type { InstanceSnapshot } from '../core/snapshot.ts';
import type { LogSize, TopModel, TopSize, TopSort } from './model.ts';

type Key = (instance: InstanceSnapshot) => number | null;

const SORT_KEYS: Readonly<Record<TopSort, Key | undefined>> = {
  name: undefined,
  cpu: ({ cpu }) => cpu,
  memory: ({ memory }) => memory,
  uptime: ({ uptime }) => uptime,
};

/** Those that the filter lets through, as sorted: the largest first, what has no value last, equals by the Procfile. */
export function visibleInstances({ instances, filter, sort }: TopModel): readonly InstanceSnapshot[] {
  const wanted = filter.toLowerCase();
  const visible = instances.filter(({ name }) => name.toLowerCase().includes(wanted));
  const key = SORT_KEYS[sort];
  return key === undefined ? visible : visible.sort((a, b) => (key(b) ?? -1) - (key(a) ?? -1));
}

/** Smaller than this nothing useful can be shown. */
export const SMALLEST: TopSize = { columns: 40, rows: 8 };

/** From this height on a row is spent on the history of the selected process. */
const HISTORY_FROM_ROWS = 16;

/** Below this many rows none is spent on how many processes are above and below. */
const COUNTS_FROM_ROWS = 3;

/** Rows of each part; title, heads of the table and last line have one each beside them. A full log has no table. */
export interface TopLayout {
  /** For processes. */
  readonly table: number;
  /** How many processes are above and below. */
  readonly counts: 0 | 1;
  readonly history: 0 | 1;
  /** Its head included; 0 or at least 3. */
  readonly log: number;
}

export function topLayout(model: TopModel, { rows }: TopSize): TopLayout {
  if (model.log.isFull) return { table: 0, counts: 0, history: 0, log: rows - 2 };
  const history = rows >= HISTORY_FROM_ROWS && model.selected !== undefined ? 1 : 0;
  const shared = Math.max(0, rows - 3 - history);
  const count = visibleInstances(model).length;
  const wanted = LOG_ROWS[model.log.size](shared, Math.max(1, count));
  const log = wanted < 3 || shared - wanted < 1 ? 0 : wanted;
  const table = shared - log;
  const counts = count > table && table >= COUNTS_FROM_ROWS ? 1 : 0;
  return { table: table - counts, counts, history, log };
}

/** Of `shared` rows, where the table could fill `count`. */
const LOG_ROWS: Readonly<Record<LogSize, (shared: number, count: number) => number>> = {
  normal: (shared, count) => Math.max(shared - count, Math.floor(shared / 3), 3),
  large: (shared) => shared - Math.max(1, Math.floor(shared / 5)),
  off: () => 0,
};

/** The index of the first row shown, so that the one at `selected` is among `height` of `count`. */
export function firstRow(selected: number, height: number, count: number): number {
  return Math.max(0, Math.min(selected - Math.floor(height / 2), count - height));
}
