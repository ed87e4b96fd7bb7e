import { onExit } from 'signal-exit';

/**
 * Calls `cleanUp`, synchronously, however this process ends short of SIGKILL: by an exception, by
 * process.exit, by a signal that nobody handles (Ctrl-\). Returns how to take it away.
 */
export function onLastExit(cleanUp: () => void): () => void {
  return onExit(() => {
    cleanUp();
  });
}
