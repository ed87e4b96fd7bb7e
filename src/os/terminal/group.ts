import { isTerminal } from './is-terminal.ts';
import { emptyStat, type ProcStat } from '../proc/stat.ts';
import { readStat } from '../proc/threads.ts';

/**
 * Whether Ctrl-C on our terminal reaches us, and with us everything in our process group: a SIGINT that we get may then
 * be taken as one that the others have got too. Elsewhere it was sent to us alone, by `kill` or by another program.
 */
export function terminalSignalsUs(): boolean {
  return isInForeground() ?? [0, 1, 2].some((fd) => isTerminal(fd));
}

/** Whether our process group is the one in our terminal's foreground; undefined where that cannot be told. */
export function isInForeground(): boolean | undefined {
  const stat = emptyStat();
  return readStat('self', stat).is === 'read' ? isForegroundGroup(stat) : undefined;
}

/** The id of our process group; 0, which is nobody's, where that cannot be told. */
export function ownGroup(): number {
  const stat = emptyStat();
  return readStat('self', stat).is === 'read' ? stat.group : 0;
}

export function isForegroundGroup({ group, foregroundGroup }: ProcStat): boolean {
  return group === foregroundGroup;
}
