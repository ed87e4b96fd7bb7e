/** The signals by which the world speaks to a supervisor in the foreground. */
export type HeardSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGUSR1' | 'SIGUSR2';

const HEARD: readonly HeardSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];

export function onSignals(hear: (signal: HeardSignal) => void): void {
  for (const signal of HEARD) process.on(signal, () => hear(signal));
}
