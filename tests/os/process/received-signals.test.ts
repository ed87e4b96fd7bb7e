import { expect, test } from 'vitest';
import { onSignals, type HeardSignal } from '../../../src/os/process/received-signals.ts';

const SIGNALS = [
  ...(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const),
  ...(['SIGQUIT', 'SIGALRM', 'SIGXCPU', 'SIGABRT'] as const),
];

test('each of the signals of the world is heard by all, by one handler, until the last has gone', () => {
  const before = SIGNALS.map((signal) => process.listeners(signal));
  const added = () =>
    SIGNALS.map((signal, at) =>
      process.listeners(signal).filter((one) => before[at]?.includes(one) !== true),
    );
  const heard: (readonly [number, HeardSignal])[] = [];
  const removes = [1, 2].map((listener) => onSignals((signal) => heard.push([listener, signal])));
  const send = (): void => {
    for (const [at, handlers] of added().entries())
      for (const handler of handlers) handler(SIGNALS[at] ?? 'SIGINT');
  };
  expect(added().map((handlers) => handlers.length)).toEqual(SIGNALS.map(() => 1));
  send();
  expect(heard).toEqual(
    SIGNALS.flatMap((signal) => [
      [1, signal],
      [2, signal],
    ]),
  );

  heard.length = 0;
  removes[0]?.();
  removes[0]?.();
  send();
  expect(heard).toEqual(SIGNALS.map((signal) => [2, signal]));
  removes[1]?.();
  expect(added()).toEqual(SIGNALS.map(() => []));
});
