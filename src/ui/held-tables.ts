/** The sections of `ps --all` about what a supervisor holds beside its processes: pools and caps. */
import { visibleText } from '../text/terminal-safe.ts';
import { tableText, type TableColumn } from '../text/table.ts';
import type { CapSnapshot } from '../core/fleet/caps.ts';
import type { Theme } from './paint.ts';
import { STATE_PAINT } from './state-paint.ts';

/** The parts of a pool's snapshot that are shown. */
export interface ShownPool {
  readonly name: string;
  readonly state: 'running' | 'stopped' | 'failed' | 'stopping';
  readonly reason: string | null;
  readonly queue: string | null;
  readonly size: number;
  readonly workers: readonly { readonly state: string }[];
  readonly busy: number;
  readonly waiting: number;
  readonly done: number;
  readonly failed: number;
}

const right = (title: string): TableColumn => ({ title, align: 'right' });

const POOL_COLUMNS: readonly TableColumn[] = [
  { title: 'POOL' },
  { title: 'STATE' },
  ...['WORKERS', 'BUSY', 'WAITING', 'DONE', 'FAILED'].map(right),
];

/** Of the workers: how many run, of how many. */
export function poolTable(pools: readonly ShownPool[], theme: Theme, width?: number): string {
  const rows = pools.map((pool) => {
    const running = pool.workers.filter(({ state }) => state === 'running').length;
    const counts = [pool.busy, pool.waiting, pool.done, pool.failed].map(String);
    const state = STATE_PAINT[pool.state](theme)(pool.state);
    const isTold = pool.state === 'failed' || pool.state === 'running';
    const reason = isTold ? visibleText(pool.reason ?? '') : '';
    const cells = [pool.name, state, `${String(running)}/${String(pool.size)}`, ...counts];
    return [cells, pool.queue ?? '', reason] as const;
  });
  // A column in which nothing stands is left out.
  const [hasQueue, hasReason] = [1, 2].map((at) => rows.some((row) => row[at] !== ''));
  const columns = [
    ...POOL_COLUMNS,
    ...(hasQueue ? [{ title: 'QUEUE' }] : []),
    ...(hasReason ? [{ title: 'REASON' }] : []),
  ];
  const cells = rows.map(([first, queue, reason]) => [
    ...first,
    ...(hasQueue ? [queue] : []),
    ...(hasReason ? [reason] : []),
  ]);
  return tableText(columns, cells, { paint: theme, width });
}

const CAP_COLUMNS: readonly TableColumn[] = [
  { title: 'CAP' },
  ...['USED', 'SOFT', 'HARD'].map(right),
  { title: 'USED BY' },
  { title: 'WAITING' },
];

export function capTable(caps: readonly CapSnapshot[], theme: Theme, width?: number): string {
  const rows = caps.map(({ name, used, soft, hard, usedBy, waiting }) => [
    ...[name, String(used), String(soft), hard === null ? '-' : String(hard)],
    ...[namesText(usedBy), namesText(waiting)],
  ]);
  return tableText(CAP_COLUMNS, rows, { paint: theme, width });
}

/** `resize (task) x3`: a pool may use a cap for each of its tasks. */
function namesText(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const texts = [...counts].map(([name, count]) => (count === 1 ? name : `${name} x${String(count)}`));
  return texts.length === 0 ? '-' : visibleText(texts.join(', '));
}
