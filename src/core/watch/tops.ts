/** At which directories watching begins: above what is watched, so that its removal and its return are told. */
import { basesOf, isWithin, type WatchRules } from './scope.ts';

/** Below the root of the project its own directories lead there; it itself, and what lies elsewhere, is seen from above. */
export function topsOf(all: readonly WatchRules[], root: string): readonly string[] {
  const tops = [...new Set(basesOf(all).map((base) => (isBelow(root, base) ? root : aboveOf(base))))];
  return tops.filter((top) => !tops.some((other) => isBelow(other, top)));
}

const isBelow = (directory: string, path: string): boolean => path !== directory && isWithin(directory, path);

function aboveOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at <= 0 ? '/' : path.slice(0, at);
}
