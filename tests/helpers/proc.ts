/** What the kernel says of processes (proc(5)). Where there is no /proc, nobody is found. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface Found {
  readonly pid: number;
  readonly command: string;
}

/** The living, zombies excepted, whose environment holds `text`. */
export function withEnvironment(text: string): readonly Found[] {
  return processes().filter(({ pid }) => read(`/proc/${pid}/environ`).includes(text));
}

export function withCommand(pattern: RegExp): readonly Found[] {
  return processes().filter(({ command }) => pattern.test(command));
}

/**
 * Whether any of its threads lives. A zombie has ended: in a container without an init it may never be reaped. After a
 * SIGKILL the main thread may be one while others have not ended yet.
 */
export function isAlive(pid: number): boolean {
  const threads = entriesOf(`/proc/${pid}/task`);
  return threads.some((thread) => !['', 'Z', 'X'].includes(stateIn(`/proc/${pid}/task/${thread}/stat`)));
}

/** What has ended meanwhile is left alone: it may do so between any look at it and the signal. */
export function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Its words, separated by blanks. */
export function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
}

/** `R`, `S`, `T` ..., or nothing for a process that is gone. */
export function stateOf(pid: number): string {
  return stateIn(`/proc/${pid}/stat`);
}

function stateIn(path: string): string {
  const stat = read(path);
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
}

/** Children of `pid`, and theirs. */
export function descendantsOf(pid: number): readonly number[] {
  const children = processes()
    .map((child) => child.pid)
    .filter((child) => parentOf(child) === pid);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** The most memory it ever had in use, in bytes. */
export function peakMemoryOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1]) * 1024;
}

/** Its proportional memory in bytes. */
export function pssOf(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1]) * 1024;
}

/** TCP sockets that a process listens on. */
export function listensOnTcp(pid: number): boolean {
  const listening = ['tcp', 'tcp6'].flatMap((table) =>
    read(`/proc/${pid}/net/${table}`)
      .split('\n')
      .map((row) => row.trim().split(/\s+/))
      .filter((row) => row[3] === '0A')
      .map((row) => `socket:[${row[9] ?? ''}]`),
  );
  return readdirSync(`/proc/${pid}/fd`).some((fd) => listening.includes(linkOf(`/proc/${pid}/fd/${fd}`)));
}

function processes(): readonly Found[] {
  return entriesOf('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), command: commandOf(Number(name)) }));
}

function parentOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]);
}

export function entriesOf(directory: string, recursive = false): readonly string[] {
  try {
    return readdirSync(directory, { recursive, encoding: 'utf8' });
  } catch {
    return [];
  }
}

/** Empty for what has gone meanwhile. */
export function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
