import { getMaxListeners, setMaxListeners } from 'node:events';

/** Returns a function that ends it. Many may share a signal: of more than ten Node would warn of a leak on stderr. */
export function listenToAbort(signal: AbortSignal | undefined, onAbort: () => void): () => void {
  if (signal === undefined) return () => undefined;
  makeRoom(signal, 1);
  signal.addEventListener('abort', onAbort, { once: true });
  return () => {
    signal.removeEventListener('abort', onAbort);
    makeRoom(signal, -1);
  };
}

function makeRoom(signal: AbortSignal, count: 1 | -1): void {
  if (!(signal instanceof EventTarget)) return;
  const most = getMaxListeners(signal);
  if (most > 0) setMaxListeners(most + count, signal);
}
