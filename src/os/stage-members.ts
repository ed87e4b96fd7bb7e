/** What the processes of a stage are doing, from /proc: where in the kernel each sleeps, and where its bytes go. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isTerminal, type StageMember } from '../core/stage-wait.ts';
import type { Tree } from './proc-tree.ts';

/** Their states are those of the tree's last reading; zombies are left out. */
export function membersOf(tree: Tree): readonly StageMember[] {
  const members: StageMember[] = [];
  for (const { pid, stat } of tree) {
    const state = String.fromCharCode(stat.state);
    if ('ZX'.includes(state)) continue;
    const others = descriptorsOf(pid).filter((fd) => Number(fd) > 2);
    members.push({
      isRunning: 'RD'.includes(state),
      place: textOf(() => readFileSync(`/proc/${pid}/wchan`, 'latin1')),
      stdin: linkOf(pid, '0'),
      stdout: linkOf(pid, '1'),
      hasKeys: others.some((fd) => isForKeys(pid, fd)),
      hasOthers: others.length > 0,
    });
  }
  return members;
}

/** A shell that puts its stdout aside has a terminal open as well, and Node its own description: but for writing too. */
function isForKeys(pid: number, fd: string): boolean {
  const link = linkOf(pid, fd);
  if (link === '/dev/tty') return true;
  return (
    isTerminal(link) && READ_ONLY.test(textOf(() => readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1')))
  );
}

/** In octal; the last two bits are the mode. */
const READ_ONLY = /^flags:\s+\d*[04]$/m;

const linkOf = (pid: number, fd: string): string => textOf(() => readlinkSync(`/proc/${pid}/fd/${fd}`));

/** Empty for what is closed, has ended meanwhile, or is not ours to look at. */
function textOf(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

function descriptorsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
}
