import type { PublicExit } from '../core/process/public-exit.ts';
import { publicExitText } from './public-exit-text.ts';

/** The outcome of `wait` for one instance. */
export function awaitedText(
  awaited: {
    readonly name: string;
    readonly outcome: 'reached' | 'never';
    readonly pid: number | null;
    readonly exit: PublicExit | null;
  },
  state: string,
): string {
  const { name, outcome, pid, exit } = awaited;
  const end = exit === null ? 'is stopped' : publicExitText(exit);
  if (outcome === 'never') return `${name} cannot become ${state}: it ${end}`;
  return state === 'exited' ? `${name} ${end}` : `${name} is ${state} (pid ${String(pid)})`;
}
