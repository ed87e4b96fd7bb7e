import { exitBySignal, type Exit } from '../../core/process/exit.ts';
import type { SignalName } from '../../core/process/signals.ts';
import { SYSTEM_SIGNALS } from '../process/signal-numbers.ts';

const BY_NUMBER = new Map(
  Object.entries(SYSTEM_SIGNALS).map(([name, number]) => [number, name as SignalName]),
);
const SIGNALLED = 128;

/** A shell tells a signal as a status above 128: whether the program has exited with that itself, nobody can tell. */
export function exitOfStatus(status: number): Exit {
  const signal = status > SIGNALLED ? BY_NUMBER.get(status - SIGNALLED) : undefined;
  return signal === undefined ? { by: 'code', code: status } : exitBySignal(signal, SYSTEM_SIGNALS);
}
