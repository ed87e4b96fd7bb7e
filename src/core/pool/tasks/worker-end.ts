import type { PublicExit } from '../../process/public-exit.ts';

/** `exited with code 3` */
export function workerEnd(exit: PublicExit): string {
  if ('code' in exit) return `exited with code ${String(exit.code)}`;
  return 'signal' in exit ? `was terminated by ${exit.signal}` : `could not be started (${exit.message})`;
}
