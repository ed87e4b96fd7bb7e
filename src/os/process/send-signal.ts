import type { SignalName } from '../../core/process/signals.ts';

/** Signals a process, or a group by a negative number. Ignores processes that have exited or that we may not signal. */
export function sendSignal(pid: number, signal: SignalName): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/** Signal 0 reaches nobody: it asks only. A zombie is there. `forbidden`: it is there, and another user's. */
export function probe(pid: number): 'there' | 'forbidden' | 'gone' {
  try {
    process.kill(pid, 0);
    return 'there';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'forbidden' : 'gone';
  }
}
