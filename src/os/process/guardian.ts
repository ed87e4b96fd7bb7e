/**
 * Stops everything when a supervisor is killed with SIGKILL: a small shell in its own session reads the process groups
 * from a pipe. The pipe ends when the supervisor does; then the shell stops all groups, with SIGTERM first. On Linux it
 * also finds processes that left their group or were started at the last moment, by the run tag in their environment or
 * by their limit of file locks.
 * Before a normal exit the supervisor sends `bye`. The shell also makes the first FIFOs, for `os/pipes/pool.ts`.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { runLimitOf } from '../../core/run-limit.ts';
import type { Guard } from '../../ports/processes.ts';

export interface Guardian extends Guard {
  /** The process groups under guard, by their leaders' pids. */
  readonly groups: ReadonlySet<number>;
  /** Everything has ended: the guardian may go. Resolves when it has. */
  dismiss(): Promise<void>;
}

// In its order:
// - The first process waits for the FIFOs, and for nothing else here.
// - Of a supervisor above this one the guardian is no process that could be stopped before its work is done.
// - `marked`: zombies have limits, but no environment. A process whose main thread has ended looks like one: its other threads
//   have it.
// - Each process hears it once: those found first by their groups, or by themselves if they have left these.
// - At the end one look may miss a process that is just replacing its program: it has no environment for a moment.
//
// $1: the run tag of this supervisor. $2: the pattern of its limit of file locks, or nothing. $3, $4: directories to be
// removed, or nothing. $5 ...: FIFOs to be made.
const SCRIPT = `
trap '' HUP INT QUIT TERM
tag=$1 limit=$2 directory=$3 memory=$4
shift 4
[ $# -eq 0 ] || mkfifo "$@"
most=$(ulimit -Hw || ulimit -Hx)
ulimit -Sw "$most" || ulimit -Sx "$most"
groups=' '
while read -r verb group; do
  case $verb in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
    bye) for each in "$directory" "$memory"; do [ ! -d "$each" ] || rm -rf "$each"; done; exit ;;
  esac
done

marked() {
  grep -lsF "PROCSUP_RUN_ID=$tag" /proc/[0-9]*/environ
  grep -ls ') [ZX] ' /proc/[0-9]*/stat | while IFS=/ read -r _ _ pid _; do
    grep -lsF "PROCSUP_RUN_ID=$tag" /proc/"$pid"/task/[0-9]*/environ
  done
  [ -z "$limit" ] || grep -ls "^Max file locks  *$limit " /proc/[0-9]*/limits | while IFS=/ read -r _ _ pid _; do
    if grep -qsv ') [ZX] ' /proc/"$pid"/task/[0-9]*/stat && ! grep -qs PROCSUP_RUN_ID= /proc/"$pid"/environ; then
      echo "/proc/$pid/limits"
    fi
  done
}
strays() {
  marked | {
    seen=' '
    while IFS=/ read -r _ _ pid _; do
      case $seen in *" $pid "*) ;; *) echo "$pid" ;; esac
      seen="$seen$pid "
    done
  }
}
group_of() {
  stat=$(cat "/proc/$1/stat")
  set -- \${stat##*) }
  echo "$3"
}
heard=' '
ask() {
  for pid in $(strays); do
    case $heard in *" $pid "*) continue ;; esac
    heard="$heard$pid "
    case $1 in *" $(group_of "$pid") "*) ;; *) kill -s TERM "$pid"; kill -s CONT "$pid" ;; esac
  done
}
anyone() {
  for group in $groups; do kill -0 -- "-$group" && return; done
  [ -n "$(strays)" ]
}
end() {
  for group in $groups; do kill -s KILL -- "-$group"; done
  for pid in $(strays); do kill -s KILL "$pid"; done
}

exec 2>/dev/null
for group in $groups; do kill -s TERM -- "-$group"; kill -s CONT -- "-$group"; done
ask "$groups"
tries=0
while anyone && [ $((tries += 1)) -le 10 ]; do sleep 0.1; ask ' '; done
end
tries=0
while anyone && [ $((tries += 1)) -le 10 ]; do sleep 0.1; end; done
rm -rf "$directory" "$memory"
`;

/** A killed guardian is replaced, but not for ever. */
const REPLACEMENTS = 3;
const GOODBYE_MS = 1000;

export interface GuardianOptions {
  /** The beginning of the tag of all runs. */
  readonly runTag: string;
  /** To be removed when all is over; empty for none. */
  readonly directory: string;
  /** Another one, of shared memory, which need not exist. Default: none. */
  readonly memory?: string;
  /** To be made at first, in the background. */
  readonly fifos: readonly string[];
  /** There is no guardian any more, and none can be had. */
  readonly onLost: () => void;
}

/** A basic regular expression. */
function limitPattern(runTag: string): string {
  const limit = runLimitOf(runTag);
  return limit === undefined ? '' : limit.digits + '[0-9]'.repeat(limit.open);
}

export function createGuardian({ runTag, directory, memory = '', fifos, onLost }: GuardianOptions): Guardian {
  const groups = new Set<number>();
  let replacements = 0;
  let dismissed = false;
  let shell = employ(fifos);

  function employ(toMake: readonly string[]): ChildProcess {
    const child: ChildProcess = spawn(
      '/bin/sh',
      ['-c', SCRIPT, 'procsup-guardian', runTag, limitPattern(runTag), directory, memory, ...toMake],
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
