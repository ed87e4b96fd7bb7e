/** Limits in words. */
import { formatDuration } from '../../text/duration.ts';
import type { Way } from './enforcing.ts';
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

/** `reached its limit of 512 MiB of memory: the kernel killed 1 process`; after the name. */
export function keptText(kind: 'memory' | 'processes', max: number, count: number): string {
  const done =
    kind === 'memory' ? `killed ${amountText('processes', count)}` : `refused ${String(count)} more`;
  return `reached its limit of ${amountText(kind, max)}: the kernel ${done}`;
}

/** How the kernel would keep limits, after the name. */
export function wayText(way: Way): string {
  switch (way.by) {
    case 'group':
      return 'the kernel keeps its limits, by a control group';
    case 'scope':
      return 'the kernel keeps its limits, by a scope of systemd';
    case 'none':
      return `the kernel cannot keep its limits here, procsup looks every second: ${way.why}`;
  }
}

const oneDigit = (amount: number): string => String(Number(amount.toFixed(1)));
