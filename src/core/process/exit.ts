import { SIGNAL_NUMBERS, type SignalName, type SystemSignals } from './signals.ts';

/** How one run of a process ended, or why it never began. `success`: its plan says that this status is no failure. */
export type Exit =
  | { readonly by: 'code'; readonly code: number; readonly success?: true }
  | {
      readonly by: 'signal';
      readonly signal: SignalName;
      /** Its number on the system that told us, where Linux has another one. */
      readonly number?: number;
      readonly success?: true;
    }
  /** The system refused to start it: `error` is the errno's name (EMFILE, EAGAIN, ENOENT ...). */
  | {
      readonly by: 'refusal';
      readonly error: string;
      readonly message: string;
      /** It would be refused again, however often it is tried. */
      readonly lasting?: true;
    };

export const isLasting = (exit: Exit): boolean =>
  exit.by === 'refusal' && (exit.lasting === true || exit.error === 'E2BIG');

export type Refusal = Extract<Exit, { by: 'refusal' }>;

/** The exit statuses of procsup itself; all others are passed on from a process. */
export const STATUS = {
  success: 0,
  usage: 2,
  supervisor: 3,
  timeout: 124,
  internal: 125,
  notExecutable: 126,
  notFound: 127,
  interrupted: 130,
} as const;

/** `system`: the one on which it ended. */
export function exitBySignal(signal: SignalName, system: SystemSignals): Exit {
  const number = system[signal];
  const differs = number !== undefined && number !== SIGNAL_NUMBERS[signal];
  return { by: 'signal', signal, ...(differs && { number }) };
}

const FAILED = 1;

export function isFailure(exit: Exit): boolean {
  if (exit.by === 'refusal') return true;
  return exit.success !== true && (exit.by !== 'code' || exit.code !== 0);
}

/** An end with one of these statuses is no failure: 143 is also an end by SIGTERM. */
export function judged(exit: Exit, successStatus: readonly number[] = []): Exit {
  if (exit.by === 'refusal' || !isFailure(exit) || !successStatus.includes(statusOf(exit))) return exit;
  return { ...exit, success: true };
}

/** Not the system's: it was started and then judged, or not started because of others. */
export const JUDGED = {
  unmetNeed: 'ENEED',
  notReady: 'ENOTREADY',
  unhealthy: 'EUNHEALTHY',
  hookFailed: 'EHOOK',
  capFull: 'ECAP',
  overLimit: 'ELIMIT',
} as const;

export const isVerdict = ({ error }: Refusal): boolean =>
  error === JUDGED.notReady || error === JUDGED.unhealthy || error === JUDGED.overLimit;

const JUDGEMENTS: ReadonlySet<string> = new Set(Object.values(JUDGED));

/**
 * The status a shell would report: the code, 128 + n for signal n, and for a refusal of the system what `sh` and `env` use.
 * What procsup judged is a plain failure: it did its work.
 */
export function statusOf(exit: Exit): number {
  switch (exit.by) {
    case 'code':
      return exit.code;
    case 'signal':
      return 128 + (exit.number ?? SIGNAL_NUMBERS[exit.signal]);
    case 'refusal':
      if (exit.error === 'ENOENT' || exit.error === 'ENOTDIR') return STATUS.notFound;
      if (exit.error === 'EACCES' || exit.error === 'ENOEXEC' || exit.error === 'E2BIG')
        return STATUS.notExecutable;
      if (JUDGEMENTS.has(exit.error)) return FAILED;
      return STATUS.internal;
  }
}
