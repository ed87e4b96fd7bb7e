import { STATUS } from '../../core/process/exit.ts';
import { hasErrors } from '../../core/problem.ts';
import type { About } from '../../control/api.ts';
import { systemClock } from '../../os/clock.ts';
import { stateBaseOf } from '../../os/files/places.ts';
import { answersOf } from '../../host/find-owner.ts';
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
  const abouts = await Promise.all(owners.map((owner) => aboutOf(owner, io)));
  if (json)
    printJson(
      io,
      owners.map((owner, at) => record(owner, abouts[at])),
    );
  else if (owners.length === 0) io.stderr('procsup: no project is running\n');
  else io.stdout(table(owners, abouts));
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

/** One that hangs is listed all the same. */
const PATIENCE_MS = 1000;

function aboutOf(owner: LockOwner, { env }: Io): Promise<About | undefined> {
  if (owner.socket === '' || isSuspended(owner)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const tooLate = systemClock.after(PATIENCE_MS, () => resolve(undefined));
    clientOf(owner, env, ownInfo('ls'), {})
      .get('/v1/supervisor')
      .then((answer) => resolve(bodyOf<About>(answer)))
      .catch(() => resolve(undefined))
      .finally(tooLate);
  });
}

const record = ({ root, identity, socket, mode, since, version }: LockOwner, about: About | undefined) => ({
  root,
  pid: identity.pid,
  socket: socket === '' ? null : socket,
  mode,
  since,
  version,
  port: about?.portBase ?? null,
});

function table(owners: readonly LockOwner[], abouts: readonly (About | undefined)[]): string {
  const rows = owners.map(({ root, identity, mode, since }, at) => [
    String(identity.pid),
    mode,
    localTime(since),
    orNothing(abouts[at]?.portBase ?? null, String),
    root,
  ]);
  return tableText(COLUMNS, rows, { paint: plainTheme });
}
