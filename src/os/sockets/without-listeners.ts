import type { Refusal } from '../../core/process/exit.ts';

/** Why there are none here. */
export const withoutListeners = (): Refusal => ({
  ...({ by: 'refusal', error: 'ENOTSUP', lasting: true } as const),
  message:
    process.platform === 'linux'
      ? "'listen' needs the optional package koffi, which is not installed"
      : "'listen' works on Linux only",
});
