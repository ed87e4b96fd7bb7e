/** The signals of the system that we run on. */
import { constants } from 'node:os';
import {
  knownSignals,
  type SignalName,
  type SignalNumbers,
  type SystemSignals,
} from '../../core/process/signals.ts';

export const SYSTEM_SIGNALS: SystemSignals = constants.signals;
/** Those of them that users may name. */
export const SIGNAL_NUMBERS: SignalNumbers = knownSignals(SYSTEM_SIGNALS);
export const SIGNAL_NAMES = Object.keys(SIGNAL_NUMBERS) as readonly SignalName[];
