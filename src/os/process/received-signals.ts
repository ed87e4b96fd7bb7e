/** The signals by which the world speaks to a supervisor. */
export type HeardSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGUSR1' | 'SIGUSR2';

const HEARD: readonly HeardSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];

type Listener = (signal: HeardSignal) => void;

/** One handler serves all supervisors of this process: Node warns of a leak when an event has more than ten. */
const listeners = new Set<Listener>();
const hear: Listener = (signal) => {
  for (const listener of [...listeners]) listener(signal);
};

/** From now on these signals do not end this process, until the returned function of the last listener was called. */
export function onSignals(listener: Listener): () => void {
  const own: Listener = (signal) => listener(signal);
  if (listeners.size === 0) for (const signal of HEARD) process.on(signal, hear);
  listeners.add(own);
  return () => {
    if (listeners.delete(own) && listeners.size === 0) for (const signal of HEARD) process.off(signal, hear);
  };
}
