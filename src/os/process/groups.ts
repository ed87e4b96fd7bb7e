import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import type { SignalName } from '../../core/process/signals.ts';
import type { ProcessGroups } from '../../ports/processes.ts';
import { isThere, sendSignal } from './send-signal.ts';

/** ProcessGroups are process groups; whoever left theirs is known by PROCSUP_RUN_ID in its environment (proc(5), environ). */
export function createProcessGroups(): ProcessGroups {
  const marked = (runId: string) =>
    pidsOf('environ', (environ) => environ.includes(`PROCSUP_RUN_ID=${runId}`));
  const signalMarked = (runId: string, signal: SignalName, except?: ReadonlySet<number>) => {
    const pids = marked(runId);
    for (const pid of pids) if (except?.has(pid) !== true) sendSignal(pid, signal);
    return pids;
  };
  return {
    signal({ pid, runId }, signal, reach) {
      sendSignal(-pid, signal);
      if (reach === 'all') signalMarked(runId, signal);
    },
    hasGroup({ pid }) {
      return isThere(-pid) && !(isLinux && membersOf(pid).length === 0);
    },
    marked,
    signalMarked,
  };
}

const isLinux = process.platform === 'linux';

/** Pids of a group that are more than zombies: in a container without an init nobody buries those. */
function membersOf(group: number): readonly number[] {
  return pidsOf('stat', (stat) => {
    // "pid (name) state ppid pgrp ...": the name may hold anything, a parenthesis too.
    const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 3);
    return pgrp === String(group) && state !== 'Z' && state !== 'X';
  });
}

function pidsOf(file: 'environ' | 'stat', matches: (content: string) => boolean): readonly number[] {
  if (!isLinux) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && matches(contentOf(`/proc/${name}/${file}`)))
    .map(Number);
}

/** Whatever is longer is read in pieces. An environment is seldom larger than this. */
const kept = Buffer.allocUnsafeSlow(64 * 1024);

/** Empty for a process that has ended meanwhile, or is another user's. A third of the cost of readFileSync. */
function contentOf(path: string): string {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    let content = '';
    for (let size = kept.length; size === kept.length;) {
      size = readSync(fd, kept);
      content += kept.toString('latin1', 0, size);
    }
    return content;
  } catch {
    return '';
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
