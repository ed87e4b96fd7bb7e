/** Identifies a process and checks whether it is still running: its pid alone may have been reused. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Presence } from '../../ports/processes.ts';
import { lacksDescriptors, readText, type Unknown } from '../proc/proc-file.ts';
import { emptyStat, hasEnded } from '../proc/stat.ts';
import { readStat } from '../proc/threads.ts';
import { probe } from './send-signal.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** Where there is /proc: clock ticks since the boot (proc(5), stat, field 22), in any time namespace. Elsewhere: Unix time in seconds. */
  readonly started: string;
  /** Linux's boot_id: ticks since another boot mean nothing. Null where there is none. */
  readonly boot: string | null;
}

/** How far apart `ps` and our own reckoning may be. */
const TOLERANCE_S = 2;

/** Who we are. `proc`: where the proc file system is mounted. Throws an error where that cannot be told. */
export function ownIdentity(proc = '/proc'): ProcessIdentity {
  const stat = emptyStat();
  const read = readStat(process.pid, stat, proc);
  if (read.is === 'unknown') throw cannotTell(process.pid, read.why);
  const shift = bootShiftOf(proc);
  if (typeof shift === 'object') throw cannotTell(process.pid, shift.why);
  const started =
    read.is === 'read'
      ? String(stat.startTicks - shift)
      : String(Math.round(Date.now() / 1e3 - process.uptime()));
  const boot = bootOf(proc);
  if (typeof boot === 'object' && boot !== null) throw cannotTell(process.pid, boot.why);
  return { pid: process.pid, started, boot };
}

/**
 * Gone is a process without a living thread, and one whose pid has passed on to somebody else. Nobody is signalled.
 * `unknown` says nothing about it: no descriptor is free, say.
 */
export function presenceOf({ pid, started, boot }: ProcessIdentity, proc = '/proc'): Presence {
  const ours = bootOf(proc);
  if (typeof ours === 'object' && ours !== null) return ours;
  if (boot !== ours) return { is: 'gone' };
  if (!existsSync(`${proc}/self/stat`)) {
    return { is: livesBySystemTools(pid, started) ? 'living' : 'gone' };
  }
  const stat = emptyStat();
  const read = readStat(pid, stat, proc);
  if (read.is !== 'read') return read;
  const shift = bootShiftOf(proc);
  if (typeof shift === 'object') return shift;
  return { is: String(stat.startTicks - shift) === started && !hasEnded(stat) ? 'living' : 'gone' };
}

/** For those who wait for its end: what cannot be told is no end. */
export const mayLive = (identity: ProcessIdentity): boolean => presenceOf(identity).is !== 'gone';

/** By SIGSTOP, Ctrl-Z or a debugger: it answers nobody. Never so where there is no /proc, or it cannot be told. */
export function isStopped({ pid, started }: ProcessIdentity, proc = '/proc'): boolean {
  const stat = emptyStat();
  const isRead = readStat(pid, stat, proc).is === 'read';
  const shift = bootShiftOf(proc);
  return (
    isRead &&
    typeof shift === 'number' &&
    String(stat.startTicks - shift) === started &&
    /[Tt]/.test(String.fromCharCode(stat.state))
  );
}

const cannotTell = (pid: number, code: string): Error =>
  Object.assign(new Error(`cannot tell whether pid ${String(pid)} is running (${code})`), { code });

/** Null where there is none. */
function bootOf(proc: string): string | null | Unknown {
  const read = readText(`${proc}/sys/kernel/random/boot_id`);
  if (read.is === 'read') return read.text.trim();
  return read.is === 'unknown' && lacksDescriptors(read) ? read : null;
}

/** In /proc, on every architecture of Node. */
const TICKS_PER_SECOND = 100;

/** How far the boot of our time namespace is from the machine's (time_namespaces(7)), in ticks: /proc tells times by it. */
function bootShiftOf(proc: string): number | Unknown {
  const read = readText(`${proc}/self/timens_offsets`);
  if (read.is === 'unknown' && lacksDescriptors(read)) return read;
  const [, seconds = '0'] = (read.is === 'read' && /^boottime\s+(-?\d+)/m.exec(read.text)) || [];
  return Number(seconds) * TICKS_PER_SECOND;
}

/** If `ps` does not tell and the pid is in use, the process counts as running. */
function livesBySystemTools(pid: number, started: string): boolean {
  if (probe(pid) === 'gone') return false;
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'ignore'],
  }) as { stdout: string | null };
  const [, state, since] = /^\s*(\S+)\s+(.+?)\s*$/.exec(stdout ?? '') ?? [];
  if (state === undefined || since === undefined) return probe(pid) !== 'gone';
  const distanceS = Math.abs(Date.parse(`${since} UTC`) / 1e3 - Number(started));
  return !/^[ZX]/.test(state) && !(distanceS > TOLERANCE_S);
}
