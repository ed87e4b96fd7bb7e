/** The signals by which the world speaks to a supervisor. */
const HEARD = [
  ...(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const),
  // Without a handler they would end us, and the processes would be killed without notice. SIGQUIT is the stop signal
  // of several container images.
  ...(['SIGQUIT', 'SIGALRM', 'SIGXCPU', 'SIGABRT'] as const),
];

export type HeardSignal = (typeof HEARD)[number];

/** Another name of SIGABRT. signal-exit listens to both, and ends this process if nothing else listens to this one. */
export const OTHER_ABORT = 'SIGIOT';

type Listener = (signal: HeardSignal) => void;

/** One handler serves all supervisors of this process: Node warns of a leak when an event has more than ten. */
const listeners = new Set<Listener>();
const hear: Listener = (signal) => {
  for (const listener of [...listeners]) listener(signal);
};

const nothing = (): void => undefined;

/** From now on these signals do not end this process, until the returned function of the last listener was called. */
export function onSignals(listener: Listener): () => void {
  const own: Listener = (signal) => listener(signal);
  if (listeners.size === 0) {
    for (const signal of HEARD) process.on(signal, hear);
    process.on(OTHER_ABORT, nothing);
  }
  listeners.add(own);
  return () => {
    if (!listeners.delete(own) || listeners.size > 0) return;
    for (const signal of HEARD) process.off(signal, hear);
    process.off(OTHER_ABORT, nothing);
  };
}
