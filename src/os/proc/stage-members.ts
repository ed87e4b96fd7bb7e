/** What the processes of a stage are doing, from /proc: where in the kernel each sleeps, and where its bytes go. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isTerminal, type StageMember } from '../../core/pipeline/stage-wait.ts';
import type { Tree } from './tree.ts';

/** What we have open: what the stages inherited with us from who started us is nothing that they write to. */
export function ownLinks(): ReadonlySet<string> {
  return new Set(descriptorsOf(process.pid).map((fd) => linkOf(process.pid, fd)));
}

/** Their states are those of the tree's last reading; zombies are left out. `own`: our `ownLinks`. */
export function membersOf(tree: Tree, own: ReadonlySet<string>): readonly StageMember[] {
  const members: StageMember[] = [];
  for (const { pid, stat } of tree) {
    const state = String.fromCharCode(stat.state);
    if ('ZX'.includes(state)) continue;
    const others = descriptorsOf(pid).filter((fd) => Number(fd) > 2);
    members.push({
      isRunning: 'RD'.includes(state),
      place: contentOf(`/proc/${pid}/wchan`),
      stdin: linkOf(pid, '0'),
      stdout: linkOf(pid, '1'),
      hasKeys: others.some((fd) => isForKeys(pid, fd)),
      hasOthers: others.some((fd) => takesBytes(pid, fd, own)),
    });
  }
  return members;
}

/** A shell that puts its stdout aside has a terminal open as well, and Node its own description: but for writing too. */
function isForKeys(pid: number, fd: string): boolean {
  const link = linkOf(pid, fd);
  return link === '/dev/tty' || (isTerminal(link) && isReadOnly(pid, fd));
}

const NO_PLACE_FOR_BYTES = /^$|^\/dev\/null$|^anon_inode:/;

function takesBytes(pid: number, fd: string, own: ReadonlySet<string>): boolean {
  const link = linkOf(pid, fd);
  if (isTerminal(link) || own.has(link) || NO_PLACE_FOR_BYTES.test(link)) return false;
  return !isReadOnly(pid, fd);
}

/** In octal; the last two bits are the mode. */
const READ_ONLY = /^flags:\s+\d*[04]$/m;

const isReadOnly = (pid: number, fd: string): boolean =>
  READ_ONLY.test(contentOf(`/proc/${pid}/fdinfo/${fd}`));

/** These are empty for what is closed, has ended meanwhile, or is not ours to look at. */
function linkOf(pid: number, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return '';
  }
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
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
