import { STATUS } from '../../core/process/exit.ts';
import { hasErrors } from '../../core/problem.ts';
import { stateBaseOf } from '../../os/files/places.ts';
import { answersOf } from '../../host/find-owner.ts';
import { allOwners, whereabouts, type LockOwner } from '../../os/files/lock.ts';
import { localTime } from '../../ui/event-line.ts';
import { problemsText } from '../../ui/problem-text.ts';
import { plainTheme } from '../../ui/paint.ts';
import { tableText } from '../../text/table.ts';
import type { CommandLine } from '../command-line.ts';
import { printJson } from '../client/answers.ts';
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
  if (json) printJson(io, owners.map(record));
  else if (owners.length === 0) io.stderr('procsup: no project is running\n');
  else io.stdout(table(owners));
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
  { title: 'ROOT' },
] as const;

const record = ({ root, identity, socket, mode, since, version }: LockOwner) => ({
  root,
  pid: identity.pid,
  socket: socket === '' ? null : socket,
  mode,
  since,
  version,
});

function table(owners: readonly LockOwner[]): string {
  const rows = owners.map(({ root, identity, mode, since }) => [
    String(identity.pid),
    mode,
    localTime(since),
    root,
  ]);
  return tableText(COLUMNS, rows, { paint: plainTheme });
}
