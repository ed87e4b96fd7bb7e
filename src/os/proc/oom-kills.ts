/** How many processes the kernel has killed for want of memory, as far as it tells us. */
import { readFileSync } from 'node:fs';

export interface OomKills {
  readonly count: number;
  /** Of our own control group. Else of the whole machine. */
  readonly isOwn: boolean;
}

/** Undefined: the kernel does not tell, as on macOS. */
export function readOomKills(): OomKills | undefined {
  for (const file of filesOf(textOf('/proc/self/cgroup') ?? '')) {
    const count = oomKillIn(textOf(file) ?? '');
    if (count !== undefined) return { count, isOwn: true };
  }
  const count = oomKillIn(textOf('/proc/vmstat') ?? '');
  return count === undefined ? undefined : { count, isOwn: false };
}

/** Where the control groups of this list, which is /proc/PID/cgroup, count them: of cgroup v2, then of v1. */
export function filesOf(cgroups: string): readonly string[] {
  const own = /^0::(\/.*)$/m.exec(cgroups)?.[1];
  const older = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m.exec(cgroups)?.[1];
  return [
    ...(own === undefined ? [] : [`/sys/fs/cgroup${own}/memory.events`]),
    ...(older === undefined ? [] : [`/sys/fs/cgroup/memory${older}/memory.oom_control`]),
  ];
}

export function oomKillIn(text: string): number | undefined {
  const count = /^oom_kill (\d+)$/m.exec(text)?.[1];
  return count === undefined ? undefined : Number(count);
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
