import { STATUS } from '../../core/process/exit.ts';
import { hasErrors } from '../../core/problem.ts';
import type { ProcessesReply } from './ps.ts';
import { systemClock } from '../../os/clock.ts';
import { stateBaseOf } from '../../os/files/places.ts';
import { answersOf } from '../../host/ownership/find-owner.ts';
import { allOwners, whereabouts, type LockOwner } from '../../os/files/lock.ts';
import { localTime } from '../../ui/event-line.ts';
import { problemsText } from '../../ui/problem-text.ts';
import { plainTheme } from '../../ui/paint.ts';
import { orNothing, tableText } from '../../text/table.ts';
import type { CommandLine } from '../command-line.ts';
import { bodyOf, printJson } from '../client/answers.ts';
import { clientOf, isSuspended } from '../client/find-supervisor.ts';
import { ownInfo } from '../client/own-info.ts';
import type { Io } from '../io.ts';
import { readSettings } from '../read-settings.ts';

/** `procsup ls`: lists this user's running projects on this machine. */
export async function ls(line: CommandLine, io: Io): Promise<number> {
  const read = readSettings(line.options, io.env, line.command);
  const json = read.isOn('json');
  if (hasErrors(read.problems)) {
    io.stderr(problemsText(read.problems, io.paint));
    return STATUS.usage;
  }
  const owners = await running(allOwners(stateBaseOf(io.env)));
  const replies = await Promise.all(owners.map((owner) => replyOf(owner, io)));
  if (json)
    printJson(
      io,
      owners.map((owner, at) => record(owner, replies[at])),
    );
  else if (owners.length === 0) io.stderr('procsup: no project is running\n');
  else io.stdout(table(owners, replies));
  return 0;
}

/** Those of other containers and machines are listed if they answer. */
async function running(owners: readonly LockOwner[]): Promise<readonly LockOwner[]> {
  const isRunning = await Promise.all(
    owners.map(async (owner) => whereabouts(owner) === 'here' || (await answersOf(owner)) !== 'no'),
  );
  return owners.filter((_owner, at) => isRunning[at]);
}

const COLUMNS = [
  { title: 'PID', align: 'right' },
  { title: 'MODE' },
  { title: 'SINCE' },
  { title: 'PORT', align: 'right' },
  { title: 'ROOT' },
] as const;

/** On which its processes really listen. */
const portsOf = ({ processes }: ProcessesReply): readonly number[] =>
  [...new Set(processes.flatMap(({ listening }) => listening ?? []))].sort((a, b) => a - b);

/** One that hangs is listed all the same. */
const PATIENCE_MS = 1000;

function replyOf(owner: LockOwner, { env }: Io): Promise<ProcessesReply | undefined> {
  if (owner.socket === '' || isSuspended(owner)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const tooLate = systemClock.after(PATIENCE_MS, () => resolve(undefined));
    clientOf(owner, env, ownInfo('ls'), {})
      .get('/v1/processes')
      .then((answer) => resolve(bodyOf<ProcessesReply>(answer)))
      .catch(() => resolve(undefined))
      .finally(tooLate);
  });
}

const record = (
  { root, identity, socket, mode, since, version }: LockOwner,
  reply: ProcessesReply | undefined,
) => ({
  root,
  pid: identity.pid,
  socket: socket === '' ? null : socket,
  mode,
  since,
  version,
  port: reply?.supervisor.portBase ?? null,
  ports: reply === undefined ? null : portsOf(reply),
});

function table(owners: readonly LockOwner[], replies: readonly (ProcessesReply | undefined)[]): string {
  const rows = owners.map(({ root, identity, mode, since }, at) => [
    String(identity.pid),
    mode,
    localTime(since),
    orNothing(replies[at]?.supervisor.portBase ?? null, String),
    root,
  ]);
  return tableText(COLUMNS, rows, { paint: plainTheme });
}
