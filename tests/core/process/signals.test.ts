/** The same on a system with other numbers as on Linux: what a signal is called, and the status of an end by it. */
import { describe, expect, test } from 'vitest';
import { exitBySignal, statusOf } from '../../../src/core/process/exit.ts';
import { exitOfPublic, publicExitOf } from '../../../src/core/process/public-exit.ts';
import { knownSignals, SIGNAL_NUMBERS, type SignalName } from '../../../src/core/process/signals.ts';
import { exitText } from '../../../src/ui/exit-text.ts';

/** As Node's `os.constants.signals` has them. */
const LINUX = {
  ...{ SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGILL: 4, SIGTRAP: 5, SIGABRT: 6, SIGIOT: 6, SIGBUS: 7, SIGFPE: 8 },
  ...{ SIGKILL: 9, SIGUSR1: 10, SIGSEGV: 11, SIGUSR2: 12, SIGPIPE: 13, SIGALRM: 14, SIGTERM: 15 },
  ...{ SIGCHLD: 17, SIGSTKFLT: 16, SIGCONT: 18, SIGSTOP: 19, SIGTSTP: 20, SIGTTIN: 21, SIGTTOU: 22 },
  ...{ SIGURG: 23, SIGXCPU: 24, SIGXFSZ: 25, SIGVTALRM: 26, SIGPROF: 27, SIGWINCH: 28, SIGIO: 29 },
  ...{ SIGPOLL: 29, SIGPWR: 30, SIGSYS: 31 },
};
const MACOS = {
  ...{
    SIGHUP: 1,
    SIGINT: 2,
    SIGQUIT: 3,
    SIGILL: 4,
    SIGTRAP: 5,
    SIGABRT: 6,
    SIGIOT: 6,
    SIGBUS: 10,
    SIGFPE: 8,
  },
  ...{ SIGKILL: 9, SIGUSR1: 30, SIGSEGV: 11, SIGUSR2: 31, SIGPIPE: 13, SIGALRM: 14, SIGTERM: 15 },
  ...{ SIGCHLD: 20, SIGCONT: 19, SIGSTOP: 17, SIGTSTP: 18, SIGTTIN: 21, SIGTTOU: 22, SIGURG: 16 },
  ...{
    SIGXCPU: 24,
    SIGXFSZ: 25,
    SIGVTALRM: 26,
    SIGPROF: 27,
    SIGWINCH: 28,
    SIGIO: 23,
    SIGINFO: 29,
    SIGSYS: 12,
  },
};

describe.each([
  ['Linux', LINUX],
  ['macOS', MACOS],
])('on %s', (_, system: Readonly<Partial<Record<string, number>>>) => {
  const names = Object.keys(knownSignals(system)) as SignalName[];

  test.each(names)('an end by %s has the number that this system has', (name) => {
    const exit = exitBySignal(name, system);
    const status = 128 + (system[name] ?? NaN);
    expect(statusOf(exit)).toBe(status);
    expect(exitText(exit)).toContain(`${name} (status ${String(status)})`);
    // What the API says keeps it.
    expect(JSON.parse(JSON.stringify(publicExitOf(exit)))).toMatchObject({ signal: name });
    expect(statusOf(exitOfPublic(publicExitOf(exit)))).toBe(status);
  });
});

test('of what a system has we know what we have a name for', () => {
  expect(knownSignals(LINUX)).toEqual(SIGNAL_NUMBERS);
  const there = knownSignals(MACOS);
  expect(there).toMatchObject({ SIGBUS: 10, SIGUSR1: 30, SIGCHLD: 20 });
  expect(there).not.toHaveProperty('SIGSTKFLT');
  expect(there).not.toHaveProperty('SIGPWR');
  expect(there).not.toHaveProperty('SIGINFO');
});

test('a number is told only where it is not the one of Linux', () => {
  expect(exitBySignal('SIGUSR1', LINUX)).toEqual({ by: 'signal', signal: 'SIGUSR1' });
  expect(exitBySignal('SIGTERM', MACOS)).toEqual({ by: 'signal', signal: 'SIGTERM' });
  expect(exitBySignal('SIGUSR1', MACOS)).toEqual({ by: 'signal', signal: 'SIGUSR1', number: 30 });
});
