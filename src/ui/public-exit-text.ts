import { exitOfPublic } from '../core/process/public-exit.ts';
import type { PublicExit } from '../core/process/public-exit.ts';
import { exitText } from './exit-text.ts';

/** `exited with status 3`, `was terminated by SIGKILL (status 137)`. */
export function publicExitText(exit: PublicExit): string {
  return exitText(exitOfPublic(exit));
}
