/** A spinner on stderr during longer waits; none without a terminal or in CI. */
import { isatty } from 'node:tty';
import { systemClock } from '../../os/clock.ts';

/** Shorter waits need no spinner: loading it takes as long. */
const SHOW_AFTER_MS = 300;

export async function busyWhile<T>(
  env: Readonly<Record<string, string | undefined>>,
  text: string,
  work: Promise<T>,
): Promise<T> {
  if (!isatty(2) || (env['CI'] ?? '') !== '') return work;
  let isDone = false;
  let stop = systemClock.after(SHOW_AFTER_MS, () => {
    void import('./spinner.ts').then(({ spin }) => {
      if (!isDone) stop = spin(text);
    });
  });
  try {
    return await work;
  } finally {
    isDone = true;
    stop();
  }
}
