import type { SignalName } from '../../core/process/signals.ts';

/** To a process, or with a negative number to a group. Whom we may not signal, or who has ended meanwhile, is left alone. */
export function sendSignal(pid: number, signal: SignalName): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/** Signal 0 reaches nobody: it asks only. A zombie is there, and so is somebody else's process. */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
