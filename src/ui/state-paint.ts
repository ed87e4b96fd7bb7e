import type { PublicState } from '../core/snapshot.ts';
import type { Theme } from './paint.ts';

/** Normal states have no color. */
export const STATE_PAINT: Readonly<Record<PublicState, (theme: Theme) => (text: string) => string>> = {
  waiting: (theme) => theme.warning,
  starting: (theme) => theme.warning,
  running: () => (text) => text,
  stopping: (theme) => theme.warning,
  stopped: (theme) => theme.dim,
  backoff: (theme) => theme.warning,
  exited: (theme) => theme.dim,
  failed: (theme) => theme.error,
};
