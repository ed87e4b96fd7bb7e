/**
 * Finds what is alive of a round. The directory of a round is in the environment of all that it starts (TMPDIR and others),
 * in the command line of its guardians, and in most working directories; the programs also write down their pids, for one
 * may lose all of that. Linux only.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** `[{ pid, command }]`; in any order. */
export function livingOf(root) {
  const recorded = new Set(recordedIn(root).map(({ pid }) => pid));
  return pids()
    .filter((pid) => pid !== process.pid && (recorded.has(pid) || names(pid, root)) && isAlive(pid))
    .map((pid) => ({ pid, command: commandOf(pid) }));
}

/** What the programs have written of themselves and is still alive: `[{ instance, role, pid }]`. */
export function recordedIn(root) {
  return linesOf(join(root, 'pids'))
    .map((line) => {
      const [instance, role] = line.split(' ');
      const stat = line.slice(line.indexOf(' ', line.indexOf(' ') + 1) + 1);
      return { instance, role, pid: Number.parseInt(stat, 10), started: startOf(stat) };
    })
    .filter(({ pid, started }) => startOf(read(`/proc/${pid}/stat`)) === started && isAlive(pid));
}

export function guardiansOf(root) {
  return livingOf(root)
    .filter(({ command }) => command.includes('procsup-guardian'))
    .map(({ pid }) => pid);
}

/** A process whose main thread has ended looks like a zombie and is none. */
export function isAlive(pid) {
  const threads = entriesOf(`/proc/${pid}/task`);
  return threads.some(
    (thread) => !['', 'Z', 'X'].includes(stateOf(read(`/proc/${pid}/task/${thread}/stat`))),
  );
}

export const linesOf = (path) => read(path).split('\n').slice(0, -1);

/** Empty for what has gone meanwhile, or is not ours to read. */
export function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

export function entriesOf(directory) {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

const pids = () =>
  entriesOf('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

// The slash keeps round 1 from being found by the name of round 11.
const names = (pid, root) =>
  read(`/proc/${pid}/environ`).includes(`${root}/`) ||
  read(`/proc/${pid}/cmdline`).includes(`${root}/`) ||
  `${workingDirectory(pid)}/`.startsWith(`${root}/`);

function workingDirectory(pid) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

const commandOf = (pid) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
const afterName = (stat) => stat.slice(stat.lastIndexOf(')') + 2).split(' ');
const stateOf = (stat) => afterName(stat)[0];
/** In ticks since the boot: field 22 of proc(5). */
const startOf = (stat) => afterName(stat)[19];
