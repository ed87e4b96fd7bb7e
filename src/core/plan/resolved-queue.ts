/** A queue in the words of procsup.yaml, for `check`: without its password. */
import { formatDuration } from '../../text/duration.ts';
import { formatSize } from '../../text/size.ts';
import { engineText } from '../exchange/queue/engine.ts';
import { DEFAULT_RULES } from '../exchange/queue/rules.ts';
import type { QueueSpec } from './queues.ts';
import type { ResolvedKey } from './resolved.ts';

export function resolvedQueue({ rules, isDurable, engine, saidAt }: QueueSpec): readonly ResolvedKey[] {
  const { maxsize, attempts, backoffMs, maxMessageBytes } = { ...DEFAULT_RULES, ...rules };
  const values: Readonly<Record<string, unknown>> = {
    attempts,
    backoff: formatDuration(backoffMs),
    max_message: formatSize(maxMessageBytes),
    ...(engine === undefined ? { maxsize, durable: isDurable ?? true } : { on: engineText(engine) }),
  };
  return Object.entries(values).map(([key, value]) => ({ key, value, from: saidAt[key] ?? 'default' }));
}
