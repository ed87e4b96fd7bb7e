/** Which process it was, and whether it still lives: a pid alone may belong to somebody else by now. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { isThere } from './send-signal.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** Where there is /proc: clock ticks since the boot (proc(5), stat, field 22). Elsewhere: Unix time in seconds. */
  readonly started: string;
  /** Linux's boot_id: ticks since another boot mean nothing. Null where there is none. */
  readonly boot: string | null;
}

/** How far apart `ps` and our own reckoning may be. */
const TOLERANCE_S = 2;

/** Who we are. `proc`: where the proc file system is mounted. */
export function ownIdentity(proc = '/proc'): ProcessIdentity {
  const started =
    statOf(process.pid, proc)?.started ?? String(Math.round(Date.now() / 1e3 - process.uptime()));
  return { pid: process.pid, started, boot: bootOf(proc) };
}

/** A zombie does not live, nor does one whose pid has passed on to somebody else. Nobody is signalled. */
export function isLiving({ pid, started, boot }: ProcessIdentity, proc = '/proc'): boolean {
  if (boot !== bootOf(proc)) return false;
  if (!existsSync(`${proc}/self/stat`)) return livesBySystemTools(pid, started);
  const stat = statOf(pid, proc);
  return stat !== undefined && !isGone(stat.state) && stat.started === started;
}

/** By SIGSTOP, Ctrl-Z or a debugger: it answers nobody. Never so where there is no /proc. */
export function isStopped({ pid, started }: ProcessIdentity, proc = '/proc'): boolean {
  const stat = statOf(pid, proc);
  return stat?.started === started && /^[Tt]/.test(stat.state);
}

const isGone = (state: string): boolean => state.startsWith('Z') || state.startsWith('X');

function bootOf(proc: string): string | null {
  try {
    return readFileSync(`${proc}/sys/kernel/random/boot_id`, 'latin1').trim();
  } catch {
    return null;
  }
}

function statOf(pid: number, proc: string): { readonly state: string; readonly started: string } | undefined {
  try {
    const stat = readFileSync(`${proc}/${String(pid)}/stat`, 'latin1');
    // "pid (name) state ...": the name may hold anything, a parenthesis too. What follows it is field 3.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, started] = [fields[0], fields[22 - 3]];
    return state === undefined || started === undefined ? undefined : { state, started };
  } catch (error) {
    if (isAbsence((error as NodeJS.ErrnoException).code)) return undefined;
    throw error; // Not being able to look does not make anybody dead.
  }
}

/** ESRCH: it ended between the opening and the reading. */
const isAbsence = (code: string | undefined): boolean => code === 'ENOENT' || code === 'ESRCH';

/** Where `ps` does not know and the pid is taken, the benefit of the doubt goes to the living. */
function livesBySystemTools(pid: number, started: string): boolean {
  if (!isThere(pid)) return false;
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'ignore'],
  }) as { stdout: string | null };
  const [, state, since] = /^\s*(\S+)\s+(.+?)\s*$/.exec(stdout ?? '') ?? [];
  if (state === undefined || since === undefined) return isThere(pid);
  const distanceS = Math.abs(Date.parse(`${since} UTC`) / 1e3 - Number(started));
  return !isGone(state) && !(distanceS > TOLERANCE_S);
}
