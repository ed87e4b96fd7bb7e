// What the kernel says about processes, from /proc. A process that has gone counts nothing.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const TICKS_PER_SECOND = 100; // USER_HZ, the same on every architecture Node runs on
const SHELLS = /\/(sh|dash|bash|busybox)$/;

const read = (path) => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

/** The fields of /proc/PID/stat after the name, which may hold anything: state is 0, parent 1, utime 11. */
function statOf(pid) {
  const text = read(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** A pid with the start time that tells it from a later process of the same number. */
/** @typedef {{ pid: number, parent: number, born: string }} Seen */

/** @returns {Seen[]} the process and all below it, as far as they have not left it */
export function familyOf(rootPid) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const seen = all.map((name) => {
    const stat = statOf(name);
    return { pid: Number(name), parent: Number(stat[1]), born: stat[19] ?? '' };
  });
  const family = seen.filter(({ pid }) => pid === rootPid);
  for (const { pid } of family) family.push(...seen.filter(({ parent }) => parent === pid));
  return family;
}

/** @param {Seen} one */
export const isAlive = ({ pid, born }) => {
  const stat = statOf(pid);
  return stat[19] === born && stat[0] !== 'Z';
};

/** @returns {number[]} its parent, and the parent of that, up to the first process or to one of `end` */
function ancestorsOf(pid, end) {
  const parent = Number(statOf(pid)[1] ?? 0);
  return parent <= 1 || end.has(parent) ? [] : [parent, ...ancestorsOf(parent, end)];
}

/**
 * The processes that are the tool: its own and helpers of its own, but neither the work nor the shells it is
 * started by. A helper that has made itself a daemon, as a tmux server, is found as the parent of the work.
 * @param {number} rootPid
 * @param {number[]} workers
 * @returns {number[]}
 */
export function toolProcesses(rootPid, workers) {
  const family = familyOf(rootPid);
  const work = new Set(workers);
  const parents = new Set(workers.map((pid) => Number(statOf(pid)[1])));
  const isWork = (pid) => work.has(pid) || (pid !== rootPid && parents.has(pid) && isShell(pid));
  const ours = new Set([process.pid, ...ancestorsOf(process.pid, new Set())]);
  const above = workers.flatMap((pid) => ancestorsOf(pid, ours));
  return [...new Set([...family.map(({ pid }) => pid), ...above])].filter((pid) => !isWork(pid));
}

function isShell(pid) {
  try {
    return SHELLS.test(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return false;
  }
}

/** Runs, or would if there were a CPU for it. */
export const wantsCpu = (pid) => statOf(pid)[0] === 'R';

const total = (pids, of) => pids.reduce((sum, pid) => sum + of(pid), 0);

/** User and system time of all their threads, ended ones too; in steps of 10 ms. */
export const cpuSeconds = (pids) =>
  total(pids, (pid) => {
    const stat = statOf(pid);
    return (Number(stat[11] ?? 0) + Number(stat[12] ?? 0)) / TICKS_PER_SECOND;
  });

/** Time on a CPU of the threads that live, to the nanosecond: for what uses next to none. */
export const cpuSecondsOfLiving = (pids) => total(pids, (pid) => total(threadsOf(pid), Number) / 1e9);

function threadsOf(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.map((tid) => read(`/proc/${pid}/task/${tid}/schedstat`).split(' ')[0] || 0);
  } catch {
    return [];
  }
}

const field = (text, name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);

const bytesIn = (pid, file, name) => field(read(`/proc/${pid}/${file}`), name) * 1024;

/**
 * Of the tool's first process all that is resident; of helpers it forked their share only (PSS), since most of
 * their pages are still its own.
 */
const megabytes =
  (name) =>
  ([root = 0, ...helpers]) =>
    (bytesIn(root, 'status', name) + total(helpers, (pid) => bytesIn(pid, 'smaps_rollup', 'Pss'))) / 1e6;

/** At its highest; the helpers as they are now, for no peak of a share is kept. */
export const peakMegabytes = megabytes('VmHWM');
export const residentMegabytes = megabytes('VmRSS');

/** All they have handed to write(2) so far, /dev/null included. */
export const bytesWritten = (pids) => total(pids, (pid) => field(read(`/proc/${pid}/io`), 'wchar'));
