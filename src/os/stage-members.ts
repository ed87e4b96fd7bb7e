/** What the processes of a stage are doing, from /proc: where in the kernel each sleeps, and where its bytes go. */
import { readFileSync, readlinkSync } from 'node:fs';
import type { StageMember } from '../core/stage-wait.ts';
import type { Tree } from './proc-tree.ts';

/** Their states are those of the tree's last reading; zombies are left out. */
export function membersOf(tree: Tree): readonly StageMember[] {
  const members: StageMember[] = [];
  for (const { pid, stat } of tree) {
    const state = String.fromCharCode(stat.state);
    if ('ZX'.includes(state)) continue;
    members.push({
      isRunning: 'RD'.includes(state),
      place: textOf(() => readFileSync(`/proc/${pid}/wchan`, 'latin1')),
      stdin: textOf(() => readlinkSync(`/proc/${pid}/fd/0`)),
      stdout: textOf(() => readlinkSync(`/proc/${pid}/fd/1`)),
    });
  }
  return members;
}

/** Empty for what is closed, has ended meanwhile, or is not ours to look at. */
function textOf(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
