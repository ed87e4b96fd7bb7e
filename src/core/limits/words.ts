/** Limits in words. */
import { formatDuration } from '../../text/duration.ts';
import type { WatchedKind } from './limits.ts';

const MIB = 1024 * 1024;

/** `600 MiB of memory`, `1.5 cores`, `1 process` */
export function amountText(kind: WatchedKind, amount: number): string {
  switch (kind) {
    case 'memory':
      return amount < MIB
        ? `${String(Math.round(amount / 1024))} KiB of memory`
        : `${oneDigit(amount / MIB)} MiB of memory`;
    case 'cpu':
      return amount === 1 ? '1 core' : `${String(Number(amount.toFixed(2)))} cores`;
    case 'processes':
      return amount === 1 ? '1 process' : `${String(amount)} processes`;
  }
}

/** `it used 600 MiB of memory for 3s, its limit is 512 MiB of memory` */
export function excessText(kind: WatchedKind, used: number, max: number, lastedMs: number): string {
  const lasted = lastedMs < 1000 ? '' : ` for ${formatDuration(Math.round(lastedMs / 1000) * 1000)}`;
  return `it used ${amountText(kind, used)}${lasted}; its limit is ${amountText(kind, max)}`;
}

const oneDigit = (amount: number): string => String(Number(amount.toFixed(1)));
