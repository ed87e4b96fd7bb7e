/** The caps and locks of tasks as other runs of the project and its supervisor use them: taken all at once, and given back. */
import type { Use } from '../core/task/resources.ts';

export interface TakenUses {
  /** Idempotent. */
  release(): void;
}

export interface TakeOrder {
  /** As others see it. */
  readonly task: string;
  readonly uses: readonly Use[];
  readonly signal: AbortSignal;
  /** It has to wait. `why`: for what, and for whom. Called once or more. */
  readonly onWait: (why: string) => void;
  /** Something is to be known of what was taken. */
  readonly onNote: (text: string) => void;
}

export interface TaskUses {
  /** Rejects where `signal` is aborted; then nothing is held. What cannot be shared is told once, and taken all the same. */
  take(order: TakeOrder): Promise<TakenUses>;
  /** After all were released. */
  close(): void;
}
