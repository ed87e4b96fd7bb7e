import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * Whether Ctrl-C on our terminal reaches us, and with us everything in our process group: a SIGINT that we get may then
 * be taken as one that the others have got too. Elsewhere it was sent to us alone, by `kill` or by another program.
 */
export function terminalSignalsUs(): boolean {
  try {
    return isForegroundGroup(readFileSync('/proc/self/stat', 'latin1'));
  } catch {
    return [0, 1, 2].some((fd) => isatty(fd));
  }
}

/** From a line of `/proc/PID/stat`: whether the process group is the one in the terminal's foreground. */
export function isForegroundGroup(stat: string): boolean {
  // The program's name comes second, in parentheses, and may hold anything.
  const [, , group, , , terminalGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return group !== undefined && group === terminalGroup;
}
