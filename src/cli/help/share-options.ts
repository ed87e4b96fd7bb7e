/** What the help says of the options of `shm` and `lock`. */
import type { SHARE_OPTIONS } from '../table/share-options.ts';
import type { WordsFor } from './words.ts';

export const SHARE_OPTION_WORDS = {
  from: 'create: begin with the contents of FILE; without SIZE, with as many bytes',
  timeout: 'wait at most this long for the lock, then exit with status 124',
  'no-wait': 'exit with status 1 at once if the lock is held',
  slots: 'so many commands may run at a time (default: as many as it has, or 1)',
  shared: 'share the lock with others that do so, and not with those that do not',
  'conflict-exit-code': 'exit status if the lock was not granted in time',
} as const satisfies WordsFor<typeof SHARE_OPTIONS>;
