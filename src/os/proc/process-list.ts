import { execFile } from 'node:child_process';

export interface ListedProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly isZombie: boolean;
}

/** A machine with 100,000 processes has a list of 3 MB. */
const MOST_BYTES = 16 * 1024 * 1024;
const PATIENCE_MS = 5000;

/**
 * One `-o` for each column: in `-o pid=,ppid=` all behind the first `=` is a heading (POSIX), which procps alone
 * forgives.
 */
const COLUMNS = ['pid=', 'ppid=', 'pgid=', 'stat='].flatMap((column) => ['-o', column]);

/** All processes of the machine, by ps(1); undefined when it cannot be asked. */
export function listProcesses(): Promise<readonly ListedProcess[] | undefined> {
  return new Promise((resolve) => {
    const limits = { maxBuffer: MOST_BYTES, timeout: PATIENCE_MS, killSignal: 'SIGKILL' } as const;
    try {
      execFile('ps', ['-A', ...COLUMNS], limits, (error, stdout) =>
        resolve(error === null ? stdout.split('\n').flatMap(listed) : undefined),
      );
    } catch {
      // Some refusals of the system (EAGAIN, EMFILE) are thrown.
      resolve(undefined);
    }
  });
}

function listed(line: string): readonly ListedProcess[] {
  const [pid, parent, group, state] = line.trim().split(/\s+/);
  if (state === undefined) return [];
  return [
    { pid: Number(pid), parent: Number(parent), group: Number(group), isZombie: state.startsWith('Z') },
  ];
}

/**
 * Finds trees in a list: a root, its descendants, and those of its process group whose parents have died. A root that
 * has ended has none.
 */
export function treeFinder(
  all: readonly ListedProcess[],
): (root: number) => readonly ListedProcess[] | undefined {
  const processes = new Map(all.map((one) => [one.pid, one]));
  const children = groupBy(all, ({ parent }) => parent);
  const groups = groupBy(all, ({ group }) => group);
  return (root) => {
    const first = processes.get(root);
    if (first === undefined || first.isZombie) return undefined;
    const tree = new Set([first, ...(groups.get(root) ?? [])]);
    for (const { pid } of tree) for (const child of children.get(pid) ?? []) tree.add(child);
    return [...tree];
  };
}

function groupBy(
  all: readonly ListedProcess[],
  keyOf: (one: ListedProcess) => number,
): ReadonlyMap<number, readonly ListedProcess[]> {
  const grouped = new Map<number, ListedProcess[]>();
  for (const one of all) {
    const same = grouped.get(keyOf(one));
    if (same === undefined) grouped.set(keyOf(one), [one]);
    else same.push(one);
  }
  return grouped;
}
