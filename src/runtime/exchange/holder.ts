import type { ClientInfo } from '../../core/events.ts';

/** A session, in whose name something is held or waited for. */
export interface Holder {
  /** Unique in the life of this supervisor. */
  readonly id: number;
  /** What the client says about itself. */
  readonly client: ClientInfo | undefined;
  readonly hasEnded: boolean;
  /**
   * Calls back once, when the session ends: then all that it holds is given up, and whatever waits in its name must settle,
   * for its other answers wait for that. Never called if it has ended already. The returned function takes it back.
   */
  onEnd(release: () => void): () => void;
  /** Tells it something that it has not asked for. False: it is slow, so wait for `drained` before the next one. */
  tell(event: object): boolean;
  /** Resolves when there is room again, or it has ended. */
  drained(): Promise<void>;
}
