/** Queues of procsup.yaml: their rules, and where they are kept. */
import type { Engine } from '../exchange/queue/engine.ts';
import type { QueueRules } from '../exchange/queue/rules.ts';
import type { Place } from '../problem.ts';

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
