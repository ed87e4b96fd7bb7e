/** What can be told of a process that listens on a port which we hand out, on Linux. */
import { textOrNothing } from '../proc/proc-file.ts';
import { emptyStat } from '../proc/stat.ts';
import { readStat } from '../proc/threads.ts';

export interface ListenerDetails {
  /** `node` */
  readonly command: string | undefined;
  /** Of the supervisor that started it, if one did. */
  readonly runId: string | undefined;
  /** `web.1`, if a supervisor started it. */
  readonly instance: string | undefined;
  /** The pid of the process that leads its session. */
  readonly session: number;
}

export function listenerDetails(pid: number): ListenerDetails {
  const directory = `/proc/${String(pid)}`;
  const stat = emptyStat();
  readStat(pid, stat);
  const variables = textOrNothing(`${directory}/environ`).split('\0');
  const valueOf = (name: string): string | undefined =>
    variables.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
  const command = textOrNothing(`${directory}/comm`).trim();
  return {
    command: command === '' ? undefined : command,
    runId: valueOf('PROCSUP_RUN_ID'),
    instance: valueOf('PS'),
    session: stat.session,
  };
}
