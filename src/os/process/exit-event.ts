/** `process.exit`, an exception that nobody catches, or a loop that has run dry; not a signal that ends this process. */
const listeners = new Set<() => void>();
const callAll = (): void => {
  for (const listener of listeners) listener();
};

/** Called synchronously. One handler serves all: Node warns of a leak when an event has more than ten. */
export function onExitEvent(listener: () => void): () => void {
  if (listeners.size === 0) process.on('exit', callAll);
  listeners.add(listener);
  return () => {
    if (listeners.delete(listener) && listeners.size === 0) process.off('exit', callAll);
  };
}
