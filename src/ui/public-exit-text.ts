import { exitOfPublic } from '../core/process/public-exit.ts';
import type { PublicExit } from '../core/process/public-exit.ts';
import { exitText } from './notices.ts';

/** `exited with status 3`, `was ended by SIGKILL (status 137)`. */
export function publicExitText(exit: PublicExit): string {
  return exitText(exitOfPublic(exit));
}
