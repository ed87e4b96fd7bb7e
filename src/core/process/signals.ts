/**
 * Signals by name, with their numbers on Linux. Other systems have others (SIGUSR1 is 30 on macOS), and not all of them: what
 * this system has is in os/signal-numbers.ts, and an `Exit` carries its number where that differs.
 */
export const SIGNAL_NUMBERS = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const;

export type SignalName = keyof typeof SIGNAL_NUMBERS;

/** Whether a mask of /proc/PID/status (`SigIgn`), in hexadecimal, has this signal. */
export const isInMask = (hex: string, signal: SignalName): boolean =>
  ((BigInt(`0x${hex}`) >> BigInt(SIGNAL_NUMBERS[signal] - 1)) & 1n) === 1n;

/** A system's own table, which may hold more. */
export type SystemSignals = Readonly<Partial<Record<string, number>>>;

/** Of one system; without those that it does not have. */
export type SignalNumbers = Readonly<Partial<Record<SignalName, number>>>;

/** Those of our signals that a system has. */
export function knownSignals(system: SystemSignals): SignalNumbers {
  const names = Object.keys(SIGNAL_NUMBERS) as SignalName[];
  return Object.fromEntries(
    names.flatMap((name) => {
      const number = system[name];
      return number === undefined ? [] : [[name, number]];
    }),
  );
}
