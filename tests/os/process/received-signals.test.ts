import { expect, onTestFinished, test } from 'vitest';
import { onSignals, type HeardSignal } from '../../../src/os/process/received-signals.ts';

test('each of the signals of the world is heard, and none ends us', () => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;
  const before = new Map(signals.map((signal) => [signal, process.listeners(signal)]));
  onTestFinished(() => {
    for (const signal of signals) {
      for (const listener of process.listeners(signal)) {
        if (before.get(signal)?.includes(listener) !== true) process.removeListener(signal, listener);
      }
    }
  });
  const heard: HeardSignal[] = [];
  onSignals((signal) => heard.push(signal));
  for (const signal of signals) {
    const added = process.listeners(signal).filter((one) => before.get(signal)?.includes(one) !== true);
    for (const listener of added) listener(signal);
  }
  expect(heard).toEqual(signals);
});
