/**
 * Control groups of our own, one for each run with limits, below the one that we were started in:
 *
 *     OWN/procsup.TAG/supervisor     we ourselves, and all that has no limits
 *     OWN/procsup.TAG/web.1.7        one run
 *
 * A group that passes controllers on to others must have no processes of its own, unless it is the root of the machine. So
 * we leave OWN for `supervisor`, with what we have started. At the end, orderly or by SIGKILL, a small shell brings everything
 * back and removes it all. Where that shell was killed as well, the next supervisor in OWN has another one do so.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseName, controllersFor, groupFiles, type OwnGroup } from '../../core/limits/enforcing.ts';
import type { WatchedLimit } from '../../core/limits/limits.ts';
import type { ControlGroups, KeptCounts } from '../../ports/control-groups.ts';
import { isDead, pidsIn, textOf } from './own-group.ts';

// $1: OWN. $2: OWN/procsup.TAG. What is moved back may end meanwhile.
const CLEANER = `
trap '' HUP INT QUIT TERM
own=$1 base=$2 tries=0
read -r _
exec 2>/dev/null
while [ -d "$base" ] && [ $((tries += 1)) -le 300 ]; do
  [ "$tries" -eq 1 ] || sleep 0.1
  left=
  for each in "$base"/*/; do
    case $each in */supervisor/) ;; *) rmdir "$each" || [ ! -d "$each" ] || left=1 ;; esac
  done
  [ -z "$left" ] || continue
  if [ -d "$base/supervisor" ]; then
    for group in "$base" "$own"; do
      for each in cpu memory pids; do echo "-$each" >"$group/cgroup.subtree_control"; done
    done
    while read -r pid; do echo "$pid" >"$own/cgroup.procs"; done <"$base/supervisor/cgroup.procs"
    rmdir "$base/supervisor"
  fi
  rmdir "$base"
done
`;

const GOODBYE_MS = 2000;
/** While they are moved, they may start others. */
const MOST_PASSES = 20;

/** Rejects with the system's error. */
export async function openGroups(
  { directory: own, isRoot }: OwnGroup,
  runTag: string,
): Promise<ControlGroups> {
  await Promise.all(deadIn(own).map((base) => dismiss(employ(own, base))));
  const base = join(own, baseName(runTag));
  mkdirSync(base);
  const cleaner = employ(own, base);
  const left = new Set<string>();

  const enable = (limits: readonly WatchedLimit[]): void => {
    const wanted = controllersFor(limits)
      .map((one) => `+${one}`)
      .join(' ');
    for (const group of [own, base]) writeFileSync(join(group, 'cgroup.subtree_control'), wanted);
  };
  const write = (directory: string, limits: readonly WatchedLimit[]): void => {
    enable(limits);
    for (const [file, value] of Object.entries(groupFiles(limits)))
      writeFileSync(join(directory, file), value);
  };
  const removeEmpty = (): void => {
    for (const directory of left) if (isRemoved(directory)) left.delete(directory);
  };

  if (!isRoot) {
    try {
      leave(own, join(base, 'supervisor'));
    } catch (error) {
      cleaner.stdin?.end();
      throw error;
    }
  }

  return {
    make(name, limits) {
      const directory = join(base, name);
      mkdirSync(directory);
      try {
        write(directory, limits);
      } catch (error) {
        rmdirSync(directory);
        throw error;
      }
      return directory;
    },
    change: write,
    remove(directory) {
      left.add(directory);
      removeEmpty();
    },
    removeEmpty,
    close() {
      removeEmpty();
      return dismiss(cleaner);
    },
  };
}

function leave(own: string, target: string): void {
  mkdirSync(target);
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    const pids = pidsIn(own);
    if (pids.length === 0) return;
    for (const pid of pids) {
      try {
        writeFileSync(join(target, 'cgroup.procs'), String(pid));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }
  throw Object.assign(new Error(`processes are added to ${own} all the time`), { code: 'EBUSY' });
}

function employ(own: string, base: string): ChildProcess {
  const shell = spawn('/bin/sh', ['-c', CLEANER, 'procsup-cgroups', own, base], {
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.unref();
  shell.stdin.on('error', () => undefined);
  shell.on('error', () => undefined);
  return shell;
}

function dismiss(shell: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (shell.pid === undefined || shell.exitCode !== null || shell.signalCode !== null) return resolve();
    shell.ref();
    const late = setTimeout(over, GOODBYE_MS);
    function over(): void {
      clearTimeout(late);
      shell.unref();
      resolve();
    }
    shell.once('exit', over);
    shell.stdin?.end();
  });
}

/** The groups of supervisors that were killed together with their cleaner. */
const deadIn = (own: string): readonly string[] =>
  readdirSync(own)
    .filter(isDead)
    .map((name) => join(own, name));

/** False: something is in it. */
function isRemoved(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

export const countsOf = (directory: string): KeptCounts => ({
  memory: countIn(join(directory, 'memory.events'), 'oom_kill'),
  processes: countIn(join(directory, 'pids.events'), 'max'),
});

const countIn = (file: string, key: string): number =>
  Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(textOf(file))?.[1] ?? 0);
