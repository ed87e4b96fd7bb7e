/** The commands that ask a running supervisor for something. In a chunk of its own: `start` does not need it. */
import type { CommandLine } from '../command-line.ts';
import { analyze } from '../commands/analyze.ts';
import { attach } from '../commands/attach.ts';
import { barrier } from '../commands/barrier.ts';
import { channel } from '../commands/channel.ts';
import { down } from '../commands/down.ts';
import { events } from '../commands/events.ts';
import { flag } from '../commands/flag.ts';
import { kill } from '../commands/kill.ts';
import { lock } from '../commands/lock.ts';
import { locks } from '../commands/locks.ts';
import { logs } from '../commands/logs.ts';
import { queue } from '../commands/queue.ts';
import { ps } from '../commands/ps.ts';
import { reload } from '../commands/reload.ts';
import { restart } from '../commands/restart.ts';
import { scale } from '../commands/scale.ts';
import { send } from '../commands/send.ts';
import { shm } from '../commands/shm.ts';
import { stats } from '../commands/stats.ts';
import { stop } from '../commands/stop.ts';
import { top } from '../commands/top.ts';
import { value } from '../commands/value.ts';
import { wait } from '../commands/wait.ts';
import { why } from '../commands/why.ts';
import type { Io } from '../io.ts';
import type { ControlVerb } from '../table/asking.ts';
import { askFor } from './ask-for.ts';
import type { ControlCommand } from './control-command.ts';

const COMMAND: Readonly<Record<ControlVerb, ControlCommand>> = {
  ps,
  stop,
  restart,
  scale,
  kill,
  reload,
  down,
  logs,
  stats,
  top,
  events,
  wait,
  why,
  analyze,
  attach,
  send,
  shm,
  lock,
  locks,
  queue,
  value,
  flag,
  barrier,
  channel,
};

export const control = (verb: ControlVerb, line: CommandLine, io: Io): Promise<number> =>
  askFor(verb, COMMAND[verb], line, io);
