import { onExit } from 'signal-exit';

/**
 * Calls `cleanUp`, synchronously, however this process ends short of SIGKILL: by an exception, by
 * process.exit, by a signal that nobody handles (Ctrl-\). What it throws is dropped. Returns how to take it away.
 */
export function onLastExit(cleanUp: () => void): () => void {
  return onExit(() => {
    try {
      cleanUp();
    } catch {
      // What throws here would end the process with status 7 instead of its own.
    }
  });
}
