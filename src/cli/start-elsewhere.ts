/**
 * `procsup start` if a supervisor is already running: the named processes are started in it. With -d it is brought to
 * what its files say, as `docker compose up -d` does. A foreground start of everything is an error.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { rootOf } from '../config/root.ts';
import { STATUS } from '../core/process/exit.ts';
import type { About, ChangeResult, Replanned } from '../control/api.ts';
import type { StartedInstance } from '../host/daemon/protocol.ts';
import type { LockOwner } from '../os/files/lock.ts';
import { placesOf } from '../os/files/places.ts';
import { changeText } from '../ui/change-text.ts';
import { replannedText } from '../ui/replanned-text.ts';
import { bodyOf, complain, NotDone, printJson } from './client/answers.ts';
import { askOwner } from './client/ask-owner.ts';
import { change, statusOfResults } from './client/change.ts';
import type { CommandContext } from './client/control-command.ts';
import type { Io, StartIo } from './io.ts';
import type { StartSettings } from './settings.ts';

export async function startElsewhere(
  owner: LockOwner,
  settings: StartSettings,
  startIo: StartIo,
): Promise<number> {
  const { names, detach, noDeps, noWait, json } = settings;
  const io = { ...startIo, paint: await startIo.theme('stderr') };
  // A link led to its directory and leads elsewhere now: the other release must not be taken for this one.
  if (detach && owner.root !== placesOf(rootOf(settings, io.cwd), io.env).root)
    return refuse(io, owner, '', "list its processes with 'procsup ps'");
  const words = ['start', ...(detach ? ['-d'] : []), ...names].join(' ');
  if (detach) return askOwner(owner, io, words, (context) => bringUpToDate(context, settings));
  if (names.length === 0) return refuse(io, owner, '', "list its processes with 'procsup ps'");
  return askOwner(owner, io, words, async (context) => {
    const left = await namesLeft(context, settings);
    return change(context, 'start', { names: left, wait: !noWait, json, ignoresNeeds: noDeps });
  });
}

/** Without those that -x leaves out: the supervisor knows which instances names and patterns mean. */
async function namesLeft(
  context: CommandContext,
  { names, exclude }: StartSettings,
): Promise<readonly string[]> {
  if (exclude.length === 0) return names;
  const [all, excluded] = [await instancesOf(context, names), await instancesOf(context, exclude)];
  const left = all.filter((name) => !excluded.includes(name));
  if (left.length > 0) return left;
  throw new NotDone({ code: 'all-excluded', message: 'nothing to start: -x leaves out every process' });
}

async function instancesOf({ client }: CommandContext, names: readonly string[]): Promise<readonly string[]> {
  const { processes } = bodyOf<{ readonly processes: readonly { readonly name: string }[] }>(
    await client.get('/v1/processes', { names: names.length === 0 ? undefined : names }),
  );
  return processes.map(({ name }) => name);
}

/** It keeps the options and the Procfile that it was started with. */
async function bringUpToDate(context: CommandContext, settings: StartSettings): Promise<number> {
  const { client, io, owner } = context;
  const { file, noDeps, noWait, json } = settings;
  const { procfile, mode } = bodyOf<About>(await client.get('/v1/supervisor'));
  if (file !== undefined && !isSameFile(resolve(io.cwd, file), procfile)) {
    const which = procfile === null ? ' without a Procfile' : ` with the Procfile '${procfile}'`;
    return refuse(io, owner, which, 'omit -f to start what it lacks');
  }
  const ignored = optionsIgnored(settings);
  if (ignored.length > 0) {
    const message = `ignored ${ignored.join(', ')}: the supervisor keeps the options it was started with`;
    complain(io, message, "stop it first with 'procsup down' to change them");
  }
  const reloaded = bodyOf<Replanned>(await client.post('/v1/reload'));
  for (const warning of reloaded.warnings) io.stderr(`procsup: ${warning}\n`);
  const left = await namesLeft(context, settings);
  const answer = await client.post('/v1/start', {
    names: left,
    wait: !noWait,
    ...(noDeps && { needs: 'ignore' }),
  });
  const { results = [] } = bodyOf<{ readonly results?: readonly ChangeResult[] }>(answer);
  const told = new Set(reloaded.results.map(({ name }) => name));
  const { pid } = owner.identity;
  if (json) printJson(io, { pid, instances: results.map(instanceOf) });
  else {
    if (told.size + reloaded.removed.length > 0) io.stdout(replannedText(reloaded));
    for (const result of results) if (!told.has(result.name)) io.stdout(`${changeText('start', result)}\n`);
    const where =
      mode === 'daemon' ? 'in the background' : mode === 'library' ? 'in a program' : 'in a terminal';
    io.stdout(`procsup is already running ${where} (pid ${String(pid)})\n`);
  }
  return statusOfResults('start', results);
}

/** As `start -d` prints it that starts the supervisor. */
function instanceOf(result: ChangeResult): StartedInstance {
  const { name, pid, outcome } = result;
  const isUp = outcome === 'running';
  const status = statusOfResults('start', [result]);
  return { name, pid, isUp, why: isUp ? '' : changeText('start', result), status, lastLines: [] };
}

function optionsIgnored({ env, port, formation, profiles }: StartSettings): readonly string[] {
  const given = { '--env': env, '--port': port, '--formation': formation, '--profile': profiles };
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}

/** A pipe has the same name each time and is never the same file. */
function isSameFile(path: string, other: string | null): boolean {
  if (path === other) return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
  const [a, b] = [path, other].map((one) =>
    one === null ? undefined : statSync(one, { throwIfNoEntry: false }),
  );
  return a !== undefined && b !== undefined && a.isFile() && a.ino === b.ino && a.dev === b.dev;
}

function refuse(io: Io, { root, identity }: LockOwner, how: string, remedy: string): number {
  const message = `a supervisor is already running for ${root} (pid ${String(identity.pid)})${how}`;
  complain(io, message, `${remedy}, or stop it with 'procsup down'`);
  return STATUS.supervisor;
}
