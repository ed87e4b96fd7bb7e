/** What the processes of a stage are doing, from /proc: where in the kernel each sleeps, and where its bytes go. */
import { readlinkSync } from 'node:fs';
import { isTerminal, type StageMember } from '../../core/pipeline/stage-wait.ts';
import { namesOrNone, textOrNothing } from './proc-file.ts';
import { hasEnded } from './stat.ts';
import { directoryOf } from './threads.ts';
import type { Tree } from './tree.ts';

/** What we have open: what the stages inherited with us from who started us is nothing that they write to. */
export function ownLinks(): ReadonlySet<string> {
  return new Set(descriptorsOf('/proc/self').map((fd) => linkOf('/proc/self', fd)));
}

/** Their states are those of the tree's last reading; zombies are left out. `own`: our `ownLinks`. */
export function membersOf(tree: Tree, own: ReadonlySet<string>): readonly StageMember[] {
  const members: StageMember[] = [];
  for (const { pid, stat } of tree) {
    if (hasEnded(stat)) continue;
    const directory = directoryOf(pid, stat);
    const others = descriptorsOf(directory).filter((fd) => Number(fd) > 2);
    members.push({
      isRunning: 'RD'.includes(String.fromCharCode(stat.state)),
      place: textOrNothing(`${directory}/wchan`),
      stdin: linkOf(directory, '0'),
      stdout: linkOf(directory, '1'),
      hasKeys: others.some((fd) => isForKeys(directory, fd)),
      hasOthers: others.some((fd) => takesBytes(directory, fd, own)),
    });
  }
  return members;
}

/** A shell that puts its stdout aside has a terminal open as well, and Node its own description: but for writing too. */
function isForKeys(directory: string, fd: string): boolean {
  const link = linkOf(directory, fd);
  return link === '/dev/tty' || (isTerminal(link) && isReadOnly(directory, fd));
}

const NO_PLACE_FOR_BYTES = /^$|^\/dev\/null$|^anon_inode:/;

function takesBytes(directory: string, fd: string, own: ReadonlySet<string>): boolean {
  const link = linkOf(directory, fd);
  if (isTerminal(link) || own.has(link) || NO_PLACE_FOR_BYTES.test(link)) return false;
  return !isReadOnly(directory, fd);
}

/** In octal; the last two bits are the mode. */
const READ_ONLY = /^flags:\s+\d*[04]$/m;

const isReadOnly = (directory: string, fd: string): boolean =>
  READ_ONLY.test(textOrNothing(`${directory}/fdinfo/${fd}`));

/** These are empty for what is closed, has ended meanwhile, or is not ours to look at. */
function linkOf(directory: string, fd: string): string {
  try {
    return readlinkSync(`${directory}/fd/${fd}`);
  } catch {
    return '';
  }
}

function descriptorsOf(directory: string): readonly string[] {
  return namesOrNone(`${directory}/fd`);
}
