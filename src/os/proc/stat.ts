/**
 * What we want of /proc/PID/stat and /proc/PID/task/TID/stat (proc(5)), which have one format: nothing else parses it. One
 * of these is filled again and again: nothing is allocated.
 */
export interface ProcStat {
  /** A character code. */
  state: number;
  parent: number;
  group: number;
  session: number;
  /** The process group in the foreground of its terminal; -1 where there is no terminal. */
  foregroundGroup: number;
  threads: number;
  ownTicks: number;
  reapedTicks: number;
  /** Since boot. With the pid it names one process for ever. */
  startTicks: number;
  residentPages: number;
  /** Of which thread state and memory are: the main one, or another one that outlives it. Not from the line itself. */
  thread: number;
}

export const emptyStat = (): ProcStat => ({
  state: 0,
  parent: 0,
  group: 0,
  session: 0,
  foregroundGroup: 0,
  threads: 0,
  ownTicks: 0,
  reapedTicks: 0,
  startTicks: 0,
  residentPages: 0,
  thread: 0,
});

const ZERO = 0x30;
const BLANK = 0x20;
const MINUS = 0x2d;
const CLOSING = 0x29;
const ZOMBIE = 0x5a;
const DEAD = 0x58;

/** No thread of it lives, once its threads were looked at (`threads.ts`). */
export const hasEnded = ({ state }: ProcStat): boolean => state === ZOMBIE || state === DEAD;

/** The last field that we want; the line has 52. */
const RSS_FIELD = 24;

/**
 * Fills `stat` from the first `size` bytes, without a string on the way: a third of the time of a sample otherwise.
 * False when that is no such line.
 */
export function parseStat(bytes: Uint8Array, size: number, stat: ProcStat): boolean {
  // "pid (name) state ppid ...": the name may hold anything, blanks and parentheses too.
  let at = size - 1;
  while (at >= 0 && bytes[at] !== CLOSING) at -= 1;
  if (at < 0) return false;
  stat.state = bytes[at + 2] ?? 0;
  at += 4;
  for (let field = 4; field <= RSS_FIELD; field += 1) {
    if (at >= size) return false;
    let value = 0;
    const isNegative = bytes[at] === MINUS;
    if (isNegative) at += 1;
    for (; at < size && bytes[at] !== BLANK; at += 1) {
      value = value * 10 + ((bytes[at] ?? 0) - ZERO);
    }
    at += 1;
    take(stat, field, isNegative ? -value : value);
  }
  return true;
}

/** As an index of what follows the name, which is field 2. */
const START = 22 - 2;

/**
 * Only `startTicks`; undefined when that is no such line. For the one look through all processes at our end: V8 has not
 * compiled the loop of `parseStat` by then, and the string methods are native.
 */
export function startTicksIn(line: string): number | undefined {
  const field = line.slice(line.lastIndexOf(')')).split(' ', START + 1)[START];
  return field === undefined ? undefined : Number(field);
}

function take(stat: ProcStat, field: number, value: number): void {
  switch (field) {
    case 4:
      stat.parent = value;
      break;
    case 5:
      stat.group = value;
      break;
    case 6:
      stat.session = value;
      break;
    case 8:
      stat.foregroundGroup = value;
      break;
    case 14:
      stat.ownTicks = value;
      break;
    case 15:
      stat.ownTicks += value;
      break;
    case 16:
      stat.reapedTicks = value;
      break;
    case 17:
      stat.reapedTicks += value;
      break;
    case 20:
      stat.threads = value;
      break;
    case 22:
      stat.startTicks = value;
      break;
    case RSS_FIELD:
      stat.residentPages = value;
      break;
  }
}
