/**
 * A process lives as long as one of its threads does. When its main thread has ended (pthread_exit in `main`), /proc/PID
 * shows a zombie without memory, environment and descriptors, though the others work on; they are below
 * /proc/PID/task, where each has all of that.
 */
import { GONE, READ, readNames, readOnce, type ReadResult, type Unknown } from './proc-file.ts';
import { emptyStat, hasEnded, parseStat, type ProcStat } from './stat.ts';

/** Reads the stat of a process from its file. `proc`: where the proc file system is mounted. */
export function readStat(pid: number | 'self', stat: ProcStat, proc = '/proc'): ReadResult {
  const result = readOnce(`${proc}/${pid}/stat`, (bytes, size) => parsed(bytes, size, stat));
  return result.is === 'read' ? lookAtThreads(pid, stat, proc) : result;
}

/** What is no such line tells nothing. */
export function parsed(bytes: Uint8Array, size: number, stat: ProcStat): ReadResult {
  return parseStat(bytes, size, stat) ? READ : { is: 'unknown', why: 'EBADMSG' };
}

const other = emptyStat();

/** To be called when `stat` was filled: of a process whose main thread has ended it becomes that of one that lives. */
export function lookAtThreads(pid: number | 'self', stat: ProcStat, proc = '/proc'): ReadResult {
  stat.thread = typeof pid === 'number' ? pid : process.pid;
  if (!hasEnded(stat) || stat.threads < 2) return READ;
  const listed = readNames(`${proc}/${pid}/task`);
  if (listed.is !== 'read') return listed;
  let missed: Unknown | undefined;
  for (const name of listed.names) {
    if (Number(name) === stat.thread) continue;
    const read = readOnce(`${proc}/${pid}/task/${name}/stat`, (bytes, size) => parsed(bytes, size, other));
    if (read.is === 'unknown') missed = read;
    if (read.is !== 'read' || hasEnded(other)) continue;
    stat.state = other.state;
    stat.residentPages = other.residentPages;
    stat.thread = Number(name);
    return READ;
  }
  return missed ?? READ;
}

/** Where descriptors, environment and memory of a process are to be found, by its latest stat. */
export function directoryOf(pid: number, { thread }: ProcStat): string {
  return thread === pid ? `/proc/${pid}` : `/proc/${pid}/task/${thread}`;
}

/** Fills `stat`; a process without a living thread is gone. */
export function readLiving(pid: number, stat: ProcStat, proc = '/proc'): ReadResult {
  const result = readStat(pid, stat, proc);
  return result.is === 'read' && hasEnded(stat) ? GONE : result;
}
