/** The line that shows how far a pool is: a bar, where it is known how many jobs there are, rate and time left. */
import { uptimeText } from '../text/bytes-text.ts';

export interface PoolProgress {
  readonly done: number;
  readonly failed: number;
  /** null: the input is read as it is needed, so nobody knows. */
  readonly total: number | null;
  readonly elapsedMs: number;
}

const BAR_COLUMNS = 20;

/** Never wider than `columns`: `[#####---------------] 25/100, 2 failed, 8.3/s, 9s left`. */
export function poolBar({ done, failed, total, elapsedMs }: PoolProgress, columns: number): string {
  const rate = elapsedMs > 0 ? (done * 1000) / elapsedMs : 0;
  const share = total === null || total === 0 ? null : Math.min(1, done / total);
  const parts = [
    total === null ? `${String(done)} done` : `${String(done)}/${String(total)}`,
    ...(failed > 0 ? [`${String(failed)} failed`] : []),
    `${rate >= 99.5 ? rate.toFixed(0) : rate.toFixed(1)}/s`,
    ...(total !== null && rate > 0 ? [`${uptimeText((total - done) / rate)} left`] : []),
  ];
  const text = parts.join(', ');
  if (share === null || text.length + BAR_COLUMNS + 3 > columns) return text.slice(0, Math.max(0, columns));
  const filled = Math.floor(share * BAR_COLUMNS);
  return `[${'#'.repeat(filled)}${'-'.repeat(BAR_COLUMNS - filled)}] ${text}`;
}
