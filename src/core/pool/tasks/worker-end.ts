import type { Exit } from '../../process/exit.ts';
import { exitOfPublic, type PublicExit } from '../../process/public-exit.ts';

/** `exited with code 3` */
export function workerEnd(exit: PublicExit): string {
  if ('code' in exit) return `exited with code ${String(exit.code)}`;
  return 'signal' in exit ? `was terminated by ${exit.signal}` : `could not be started (${exit.message})`;
}

/** One that ends by itself instead of answering has failed, whatever its status. */
export function deathOf(exit: PublicExit): Exit {
  return 'code' in exit && exit.code === 0 ? { by: 'code', code: 255 } : exitOfPublic(exit);
}
