/** Queues of procsup.yaml: their rules, and where they are kept. */
import { formatDuration } from '../../text/duration.ts';
import { engineText, type Engine } from '../exchange/queue/engine.ts';
import { DEFAULT_RULES, type QueueRules } from '../exchange/queue/rules.ts';
import type { Place } from '../problem.ts';
import type { ResolvedKey } from './resolved.ts';

export interface QueueSpec {
  readonly name: string;
  /** What is not said stays as it is. */
  readonly rules: Partial<QueueRules>;
  readonly isDurable?: boolean;
  /** Undefined: by this supervisor. */
  readonly engine?: Engine;
  readonly place: Place;
  /** Where each key was said. */
  readonly saidAt: Readonly<Record<string, Place>>;
}

/** For `check`. */
export function resolvedQueue({ rules, isDurable, engine, saidAt }: QueueSpec): readonly ResolvedKey[] {
  const { maxsize, attempts, backoffMs } = { ...DEFAULT_RULES, ...rules };
  const values: Readonly<Record<string, unknown>> = {
    attempts,
    backoff: formatDuration(backoffMs),
    ...(engine === undefined ? { maxsize, durable: isDurable ?? true } : { on: engineText(engine) }),
  };
  return Object.entries(values).map(([key, value]) => ({ key, value, from: saidAt[key] ?? 'default' }));
}
