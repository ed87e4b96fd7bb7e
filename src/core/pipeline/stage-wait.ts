/**
 * What the processes of a stage wait for, by where in the kernel they sleep, and how they use the terminal, by their
 * open files.
 */

/**
 * `input`: for bytes to read. `output`: until what it writes is taken. `none`: it works, or waits for something of its
 * own, a disk or a clock. `unknown`: the system does not tell, or it waits for several things at once.
 */
export type StageWait = 'none' | 'input' | 'output' | 'unknown';

/** A process of a stage at one moment. */
export interface StageMember {
  /** On a processor, or in a disk's queue. */
  readonly isRunning: boolean;
  /** The kernel's function in which it sleeps (`/proc/PID/wchan`); '' or '0' where that is hidden. */
  readonly place: string;
  /** What its stdin and its stdout are (the links in `/proc/PID/fd`), '' where that is not to be known. */
  readonly stdin: string;
  readonly stdout: string;
  /** It has opened a terminal by itself to read from it: a pager has its keys from there. */
  readonly hasKeys: boolean;
  /** It may write elsewhere than to stdout and stderr: to a file, to the network. */
  readonly hasOthers: boolean;
}

/** `screen`: it talks with the user. `output`: all that it writes goes there. `perhaps`: it may write there. */
export type TerminalUse = 'screen' | 'output' | 'perhaps' | 'none';

// Names differ between kernels: pipe_read is anon_pipe_read and fifo_pipe_read since 6.14. `pipe_wait` (before 5.5) and
// `wait_woken` are both directions in one.
const READING =
  /^(anon_|fifo_)?pipe_read$|^pipe_wait_readable$|^n_tty_read$|^unix_stream_(data_wait|read_generic)$/;
const WRITING = /^(anon_|fifo_)?pipe_write$|^pipe_wait_writable$|^n_tty_write$|^sock_alloc_send_pskb$/;
const WAITING_FOR_CHILDREN = /^do_wait(_intr)?$|^(__do_sys_rt_)?sigsuspend$/;
const HIDDEN_OR_SEVERAL = /^0?$|poll|select|^pipe_wait$|^wait_woken$/;
const TERMINAL = /^\/dev\/(pts\/|tty|console)/;

/** The wait of a whole stage. Processes that wait for others of the same stage, such as a shell, do not count. */
export function stageWait(members: readonly StageMember[]): StageWait {
  const waits = members.map((member) => outwardWait(member, members));
  if (members.some(({ isRunning }) => isRunning)) return 'none';
  return ORDER.find((wait) => waits.includes(wait)) ?? 'unknown';
}

/** Of a whole stage. A shell that waits for its children writes nothing meanwhile. */
export function terminalUse(members: readonly StageMember[]): TerminalUse {
  const uses = members.map(useOf);
  return USES.find((use) => uses.includes(use)) ?? 'none';
}

const USES = ['screen', 'output', 'perhaps'] as const satisfies readonly TerminalUse[];

function useOf({ place, stdin, stdout, hasKeys, hasOthers }: StageMember): TerminalUse {
  if (WAITING_FOR_CHILDREN.test(place)) return 'none';
  if (hasKeys) return 'screen';
  if (!isTerminal(stdout)) return 'none';
  if (isTerminal(stdin)) return 'screen';
  return hasOthers ? 'perhaps' : 'output';
}

/** Of a link in `/proc/PID/fd`. */
export const isTerminal = (link: string): boolean => TERMINAL.test(link);

/** Something in the background that sleeps does not hide that the others are blocked. */
const ORDER = ['output', 'input', 'none'] as const satisfies readonly StageWait[];

function outwardWait(member: StageMember, members: readonly StageMember[]): StageWait | null {
  const wait = waitOf(member);
  const others = members.filter((other) => other !== member);
  if (wait === 'input' && isInner(member.stdin) && others.some(({ stdout }) => stdout === member.stdin))
    return null;
  if (wait === 'output' && isInner(member.stdout) && others.some(({ stdin }) => stdin === member.stdout))
    return null;
  return wait;
}

const isInner = (link: string): boolean => link.startsWith('pipe:');

function waitOf({ isRunning, place, stdin, stdout }: StageMember): StageWait | null {
  if (isRunning) return 'none';
  if (READING.test(place)) return 'input';
  if (WRITING.test(place)) return 'output';
  if (WAITING_FOR_CHILDREN.test(place)) return null;
  if (!HIDDEN_OR_SEVERAL.test(place)) return 'none';
  const [fromTerminal, toTerminal] = [isTerminal(stdin), isTerminal(stdout)];
  if (place !== 'wait_woken' || fromTerminal === toTerminal) return 'unknown';
  return fromTerminal ? 'input' : 'output';
}
