import { procfileProcesses, type AppSpec } from '../../core/plan/app-spec.ts';
import { STATUS } from '../../core/process/exit.ts';
import type { Problem } from '../../core/problem.ts';
import { placesOf } from '../../os/files/places.ts';
import { holderOf, type Claim } from '../../os/files/lock.ts';
import { ignoredAtStart } from '../../os/process/launch-environment.ts';
import { plainTheme } from '../../ui/paint.ts';
import { createAnnouncer, type Announcer } from '../../host/announce.ts';
import { fastestPrefixer } from '../../host/fastest-prefixer.ts';
import type { StartIo } from '../io.ts';
import { loadApp, rootOf } from '../../config/load-app.ts';
import type { StartSettings } from '../settings.ts';
import { runSupervisor } from '../../host/run-supervisor.ts';
import { appOptions, hostOptions } from '../host-options.ts';

/** `procsup start`: runs the application in the foreground until it ends. Returns our exit status. */
export async function start(settings: StartSettings, io: StartIo): Promise<number> {
  const runsAlready = whoHas(settings, io);
  if (runsAlready !== undefined) return startElsewhere(runsAlready, settings, io);

  const options = appOptions(settings, io.coloured.stdout && !settings.detach);
  const loaded = await loadApp(options, io.env, io.cwd);
  const { value: app, input, problems } = loaded;
  const all = [...problems, ...(app === undefined ? [] : problemsOfRaw(app, settings))];
  if (all.length > 0) await tell(all, io);
  if (app === undefined || input === undefined || all.length > problems.length) return STATUS.usage;
  if (settings.detach) {
    return (await import('../start-detached.ts')).startDetached({ root: app.root, settings, io });
  }

  const run = await runSupervisor({
    application: { app, input, options, env: io.env, cwd: io.cwd },
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
      return startElsewhere(run.holder, settings, io);
    case 'refused':
      io.stderr(`procsup: cannot start: ${run.why}\n`);
      return STATUS.internal;
  }
}

/**
 * The supervisor that is to start the named processes, if one is already running for the project. It knows instances
 * that no file names, and does not depend on what the files contain by now.
 */
function whoHas({ names, detach, ...options }: StartSettings, { env, cwd }: StartIo): Claim | undefined {
  if (names.length === 0 || detach) return undefined;
  try {
    return holderOf(placesOf(rootOf(options, cwd), env).stateDirectory);
  } catch {
    return undefined; // For example a missing directory: reported with a better message when the files are read.
  }
}

async function startElsewhere(holder: Claim, settings: StartSettings, io: StartIo): Promise<number> {
  return (await import('../start-elsewhere.ts')).startElsewhere(holder, settings, io);
}

function problemsOfRaw(app: AppSpec, { raw }: StartSettings): readonly Problem[] {
  if (!raw || app.instances.length === 1) return [];
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
