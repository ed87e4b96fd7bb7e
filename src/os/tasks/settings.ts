/** Where a user's cache of tasks is, and how large it may be. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { parseSize } from '../../text/size.ts';
import { codeCacheDirectory } from '../files/code-cache.ts';
import { USUAL_BOUNDS, type CacheBounds } from './prune.ts';

export interface CacheSettings {
  readonly directory: string;
  readonly bounds: CacheBounds;
  /** An invalid PROCSUP_CACHE_SIZE. */
  readonly problems: readonly Problem[];
}

const VARIABLE = 'PROCSUP_CACHE_SIZE';

/** Below XDG_CACHE_HOME, else ~/.cache. Throws the system's error where there is no home directory. */
export function cacheSettings(env: NodeJS.ProcessEnv): CacheSettings {
  const directory = join(codeCacheDirectory(env) ?? join(homedir(), '.cache/procsup'), 'tasks');
  const stated = env[VARIABLE];
  const maxBytes = stated === undefined || stated === '' ? USUAL_BOUNDS.maxBytes : parseSize(stated);
  if (maxBytes !== undefined) return { directory, bounds: { ...USUAL_BOUNDS, maxBytes }, problems: [] };
  const problem: Problem = {
    code: 'usage',
    severity: 'warning',
    message: `invalid size '${stated ?? ''}' in ${VARIABLE}`,
    remedy: 'use a size such as 500MB or 5GiB',
  };
  return { directory, bounds: USUAL_BOUNDS, problems: [problem] };
}
