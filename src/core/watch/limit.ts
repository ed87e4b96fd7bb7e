/** What can be done where the system cannot watch everything. */
import { toldFiles } from './cause.ts';

/** Which limit was met, in the words of the system. */
export type LimitCode = 'ENOSPC' | 'EMFILE' | 'other';

export interface LargeDirectory {
  readonly path: string;
  /** How many are in it, it included. */
  readonly directories: number;
}

const SETTINGS = {
  ENOSPC: 'raise fs.inotify.max_user_watches, or ignore some',
  EMFILE: 'raise fs.inotify.max_user_instances, or the limit of open files',
  other: 'ignore some',
} as const;

/** An imperative, and where most of them are. */
export function limitRemedy(
  { code, largest }: { readonly code: LimitCode; readonly largest: readonly LargeDirectory[] },
  root: string,
): string {
  const many = largest.map(
    ({ path, directories }) => `${toldFiles([path], root).join('')} (${String(directories)})`,
  );
  return `${SETTINGS[code]}; most are in ${many.join(', ')}`;
}
