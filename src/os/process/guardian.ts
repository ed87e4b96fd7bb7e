/**
 * Stops everything when a supervisor is killed with SIGKILL: a small shell in its own session reads the process groups
 * from a pipe. The pipe ends when the supervisor does; then the shell stops all groups, with SIGTERM first. On Linux it
 * also finds processes that left their group or were started at the last moment, by the run tag in their environment.
 * Before a normal exit the supervisor sends `bye`. The shell also makes the first FIFOs, for `os/pipes/pool.ts`.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Guard } from '../../ports/processes.ts';

export interface Guardian extends Guard {
  /** The process groups under guard, by their leaders' pids. */
  readonly groups: ReadonlySet<number>;
  /** Everything has ended: the guardian may go. Resolves when it has. */
  dismiss(): Promise<void>;
}

// $1: the run tag of this supervisor. $2: a directory to be removed. $3 ...: FIFOs to be made.
const SCRIPT = `
trap '' HUP INT QUIT TERM
tag=$1 directory=$2
shift 2
[ $# -eq 0 ] || mkfifo "$@"
groups=' '
while read -r verb group; do
  case $verb in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
    bye) [ ! -d "$directory" ] || rm -rf "$directory"; exit ;;
  esac
done

strays() {
  {
    grep -lsF "PROCSUP_RUN_ID=$tag" /proc/[0-9]*/environ
    # A process whose main thread has ended looks like a zombie: its other threads have the environment.
    grep -ls ') [ZX] ' /proc/[0-9]*/stat | while IFS=/ read -r _ _ pid _; do
      grep -lsF "PROCSUP_RUN_ID=$tag" /proc/"$pid"/task/[0-9]*/environ
    done
  } | {
    last=
    while IFS=/ read -r _ _ pid _; do
      [ "$pid" = "$last" ] || echo "$pid"
      last=$pid
    done
  }
}
send() {
  for group in $groups; do kill -s "$1" -- "-$group"; done
  for pid in $(strays); do kill -s "$1" "$pid"; done
}
anyone() {
  for group in $groups; do kill -0 -- "-$group" && return; done
  [ -n "$(strays)" ]
}

exec 2>/dev/null
send TERM
send CONT
tries=0
while anyone && [ $((tries += 1)) -le 10 ]; do sleep 0.1; done
send KILL
# One look may miss a process that is just replacing its program: it has no environment for a moment.
tries=0
while anyone && [ $((tries += 1)) -le 10 ]; do sleep 0.1; send KILL; done
rm -rf "$directory"
`;

/** A killed guardian is replaced, but not for ever. */
const REPLACEMENTS = 3;
const GOODBYE_MS = 1000;

export interface GuardianOptions {
  /** The beginning of the tag of all runs. */
  readonly runTag: string;
  /** To be removed when all is over; empty for none. */
  readonly directory: string;
  /** To be made at first, in the background. */
  readonly fifos: readonly string[];
  /** There is no guardian any more, and none can be had. */
  readonly onLost: () => void;
}

export function createGuardian({ runTag, directory, fifos, onLost }: GuardianOptions): Guardian {
  const groups = new Set<number>();
  let replacements = 0;
  let dismissed = false;
  let shell = employ(fifos);

  function employ(toMake: readonly string[]): ChildProcess {
    const child: ChildProcess = spawn(
      '/bin/sh',
      ['-c', SCRIPT, 'procsup-guardian', runTag, directory, ...toMake],
      {
        cwd: '/',
        env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
        stdio: ['pipe', 'ignore', 'ignore'],
        detached: true,
      },
    );
    child.unref();
    child.stdin?.on('error', () => undefined);
    child.on('error', replace);
    child.on('exit', replace);
    for (const group of groups) child.stdin?.write(`+ ${String(group)}\n`);
    return child;
  }

  function replace(): void {
    if (dismissed) return;
    replacements += 1;
    if (replacements <= REPLACEMENTS) shell = employ([]);
    else if (replacements === REPLACEMENTS + 1) onLost();
  }

  return {
    groups,
    add(pid) {
      groups.add(pid);
      shell.stdin?.write(`+ ${String(pid)}\n`);
    },
    remove(pid) {
      if (groups.delete(pid)) shell.stdin?.write(`- ${String(pid)}\n`);
    },
    dismiss() {
      dismissed = true;
      return new Promise((resolve) => {
        if (shell.pid === undefined || shell.exitCode !== null || shell.signalCode !== null) return resolve();
        shell.ref();
        const lateKill = setTimeout(() => shell.kill('SIGKILL'), GOODBYE_MS); // Somebody may have stopped it.
        shell.once('exit', () => {
          clearTimeout(lateKill);
          resolve();
        });
        // It may not even have begun; where there is nothing to remove it need not begin.
        if (directory === '') shell.kill('SIGKILL');
        else shell.stdin?.end('bye\n');
      });
    },
  };
}
