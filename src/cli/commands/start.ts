import { procfileProcesses, type AppSpec } from '../../core/plan/app-spec.ts';
import { STATUS } from '../../core/process/exit.ts';
import type { Problem } from '../../core/problem.ts';
import { givenPath, placesOf } from '../../os/files/places.ts';
import { findOwnerHere } from '../../host/ownership/find-owner.ts';
import type { LockOwner } from '../../os/files/lock.ts';
import { ignoredAtStart } from '../../os/process/launch-environment.ts';
import { plainTheme } from '../../ui/paint.ts';
import { createAnnouncer, type Announcer } from '../../host/announce.ts';
import { fastestPrefixer } from '../../host/fastest-prefixer.ts';
import { descriptorShortage } from '../../host/descriptor-needs.ts';
import type { StartIo } from '../io.ts';
import { loadApp } from '../../config/load-app.ts';
import { rootOf } from '../../config/root.ts';
import type { Located } from '../locate.ts';
import type { StartSettings } from '../settings.ts';
import { runSupervisor } from '../../host/run-supervisor.ts';
import { appOptions, hostOptions } from '../host-options.ts';

/** `procsup start`: runs the application in the foreground until it ends. Returns our exit status. */
export async function start(settings: StartSettings & Located, io: StartIo): Promise<number> {
  const runsAlready = await whoHas(settings, io);
  if (runsAlready !== undefined) return startElsewhere(runsAlready, settings, io);

  const named = appOptions(settings, colourOf(settings, io));
  const {
    value: app,
    input,
    problems,
    procfileText,
    files,
  } = await loadApp({ ...named, mayBlock: !settings.detach }, io.env, io.cwd);
  const options = { ...named, procfileText };
  const all = [...problems, ...(app === undefined ? [] : problemsOfRaw(app, settings))];
  if (all.length > 0) await tell(all, io);
  if (app === undefined || input === undefined || all.length > problems.length) return STATUS.usage;
  const shortage = descriptorShortage(app, hostOptions(settings), settings.detach);
  if (shortage !== undefined) {
    io.stderr(`procsup: cannot start: ${shortage}\n`);
    return STATUS.internal;
  }
  if (settings.detach) {
    return (await import('../start-detached.ts')).startDetached({
      root: app.root,
      settings,
      source: options,
      io,
    });
  }

  const run = await runSupervisor({
    application: { app, input, options, files, env: io.env, cwd: io.cwd },
    settings: hostOptions(settings),
    ...{ mode: 'foreground', names: app.instances.map(({ name }) => name) },
    cause: { by: 'start' },
    ...{ lock: 'wanted', control: 'later', ownsProcess: true, hearsSignals: true },
    ignoredSignals: ignoredAtStart(process.env),
    announcer: (_book, readerGone, stuck) => createAnnouncer(settings, app.instances, readerGone, stuck),
    open: (announcer) => openOutput(announcer, io),
  });
  switch (run.kind) {
    case 'running':
      return run.ended;
    case 'busy':
      return startElsewhere(run.owner, settings, io);
    case 'refused':
      io.stderr(`procsup: cannot start: ${run.why}\n`);
      return STATUS.internal;
  }
}

/** The output of a daemon is read later, perhaps on a terminal; else `logs` takes the colours out. */
function colourOf({ detach, color }: StartSettings, io: StartIo): 'forced' | 'none' {
  return (detach ? color !== 'never' : io.coloured.stdout) ? 'forced' : 'none';
}

/**
 * The supervisor that is asked, if one is already running for the project. It knows instances that no file names, its
 * Procfile may have any name, and it does not depend on what the files contain by now. A foreground start of everything
 * learns of it by the lock.
 */
async function whoHas(
  { names, detach, foundBy, ...options }: StartSettings & Located,
  { env, cwd }: StartIo,
): Promise<LockOwner | undefined> {
  if (names.length === 0 && !detach && foundBy !== 'supervisor') return undefined;
  try {
    const root = rootOf(options, cwd);
    return await findOwnerHere(placesOf(root, env), givenPath(root, env, cwd));
  } catch {
    return undefined; // For example a missing directory: reported with a better message when the files are read.
  }
}

async function startElsewhere(owner: LockOwner, settings: StartSettings, io: StartIo): Promise<number> {
  return (await import('../start-elsewhere.ts')).startElsewhere(owner, settings, io);
}

function problemsOfRaw(app: AppSpec, { raw }: StartSettings): readonly Problem[] {
  if (!raw) return [];
  const onTerminal = app.instances.find(({ plan }) => plan.tty === true);
  if (onTerminal !== undefined)
    return [
      {
        code: 'raw-with-tty',
        severity: 'error',
        message: `--raw gives '${onTerminal.process}' our own output, and tty a terminal`,
        remedy: `leave one of them out, or use 'procsup run ${onTerminal.process}'`,
      },
    ];
  if (app.instances.length === 1) return [];
  const [name] = procfileProcesses(app);
  return [
    {
      code: 'raw-not-single',
      severity: 'error',
      message: `--raw works with a single process, but ${String(app.instances.length)} would be started`,
      remedy:
        name === undefined
          ? "start the pipeline without --raw, or run it with 'procsup pipe'"
          : `name one process: procsup start --raw ${name}`,
    },
  ];
}

async function tell(problems: readonly Problem[], io: StartIo): Promise<void> {
  const { problemsText } = await import('../../ui/problem-text.ts');
  io.stderr(problemsText(problems, await io.theme('stderr')));
}

// The children may have used up all descriptors: then nothing more can be loaded, and colors are left out.
async function openOutput(announcer: Announcer, io: StartIo): Promise<void> {
  const theme = await io.theme('stdout').catch(() => plainTheme);
  announcer.open(theme, fastestPrefixer());
}
