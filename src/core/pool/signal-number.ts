/** Signals of jobs by their numbers, which logs have. */
import { SIGNAL_NUMBERS } from '../process/signals.ts';

/** 0 for a name that is unknown. */
export const numberOfSignal = (name: string): number =>
  Object.hasOwn(SIGNAL_NUMBERS, name) ? SIGNAL_NUMBERS[name as keyof typeof SIGNAL_NUMBERS] : 0;
