import { procfileProcesses, type AppSpec } from '../../core/plan/app-spec.ts';
import { STATUS } from '../../core/process/exit.ts';
import type { Problem } from '../../core/problem.ts';
import type { PreviousEnd } from '../../core/supervisor-notice.ts';
import { systemClock } from '../../os/clock.ts';
import { placesOf } from '../../os/files/places.ts';
import { holderOf, type Claim } from '../../os/files/lock.ts';
import { createLogBook } from '../../logs/book.ts';
import { plainTheme } from '../../ui/paint.ts';
import { createAnnouncer } from '../../host/announce.ts';
import { claim, type Claimed } from '../../host/lock.ts';
import { controlLater } from '../../host/serve-later.ts';
import { fastestPrefixer } from '../../host/fastest-prefixer.ts';
import { descriptorShortage } from '../../host/descriptor-needs.ts';
import { fleetOf } from '../../host/fleet-of.ts';
import type { StartIo } from '../io.ts';
import { guardExitLater } from '../../host/exit-guard.ts';
import { loadApp, rootOf } from '../../config/load-app.ts';
import { newMark } from '../../host/run-tag.ts';
import type { StartSettings } from '../settings.ts';
import { release, windDown } from '../../host/wind-down.ts';
import { wire, type Running } from '../../host/wire.ts';

/** `procsup start`: runs the application in the foreground until it ends. Returns our exit status. */
export async function start(settings: StartSettings, io: StartIo): Promise<number> {
  const runsAlready = whoHas(settings, io);
  if (runsAlready !== undefined) return startElsewhere(runsAlready, settings, io);

  const options = { ...settings, forceColor: io.coloured.stdout && !settings.detach };
  const loaded = await loadApp(options, io.env, io.cwd);
  const { value: app, problems } = loaded;
  const all = [...problems, ...(app === undefined ? [] : problemsOfRaw(app, settings))];
  if (all.length > 0) await tell(all, io);
  if (app === undefined || all.length > problems.length) return STATUS.usage;
  const shortage = descriptorShortage(app, settings);
  if (shortage !== undefined) {
    io.stderr(`procsup: cannot start: ${shortage}\n`);
    return STATUS.internal;
  }
  if (settings.detach) {
    return (await import('../start-detached.ts')).startDetached({ root: app.root, settings, io });
  }

  const mark = newMark();
  // Before the claim: the guardian makes the first pipes, and meanwhile we have something to do.
  const running = wired(app, settings, io, mark);
  if (running === undefined) return STATUS.internal;
  const claimed = claim(app.root, 'foreground', mark, io.env);
  if (claimed.kind === 'busy') {
    await release(running);
    return startElsewhere(claimed.holder, settings, io);
  }
  const previous = await endOfDead(claimed, running);
  void running.supervisor.ask('start', namesIn(app));
  // The first children run. Whatever else we need can be loaded while they do; their pipes wait.
  await openOutput(running, io);
  const net = guardExitLater(running);
  const control = controlLater(running, { claimed, settings, options, io, app, loaded, previous });
  const status = await windDown(running, settings);
  net.remove();
  await control.close();
  return status;
}

/**
 * Who is to start what was named, if somebody runs the project already: he knows instances that no file names, and what
 * stands in the files by now does not matter to him.
 */
function whoHas({ names, detach, ...options }: StartSettings, { env, cwd }: StartIo): Claim | undefined {
  if (names.length === 0 || detach) return undefined;
  try {
    return holderOf(placesOf(rootOf(options, cwd), env).stateDirectory);
  } catch {
    return undefined; // There is no such directory, say: that is told in better words where it is read.
  }
}

async function startElsewhere(holder: Claim, settings: StartSettings, io: StartIo): Promise<number> {
  return (await import('../start-elsewhere.ts')).startElsewhere(holder, settings, io);
}

const namesIn = ({ instances }: AppSpec): readonly string[] => instances.map(({ name }) => name);

function problemsOfRaw(app: AppSpec, { raw }: StartSettings): readonly Problem[] {
  if (!raw || app.instances.length === 1) return [];
  const [name] = procfileProcesses(app);
  return [
    {
      code: 'raw-not-single',
      severity: 'error',
      message: `--raw is for a single process, and ${String(app.instances.length)} would be started`,
      remedy:
        name === undefined
          ? 'start a pipeline without it, or run it with procsup pipe'
          : `name one: procsup start --raw ${name}`,
    },
  ];
}

async function tell(problems: readonly Problem[], io: StartIo): Promise<void> {
  const { problemsText } = await import('../../ui/problem-text.ts');
  io.stderr(problemsText(problems, await io.theme('stderr')));
}

/** The last one may have been killed: what it has left is ended, and told. */
async function endOfDead(claimed: Claimed, running: Running): Promise<readonly PreviousEnd[]> {
  if (claimed.kind !== 'held' || claimed.dead.length === 0) return [];
  const previous = await (await import('../../host/clean-up-after-crash.ts')).buryDead(claimed);
  const { noteFor } = await import('../../host/record-event.ts');
  for (const end of previous) noteFor(running, end);
  return previous;
}

/** The system may refuse what nothing can be started without: pipes, a directory for them. */
function wired(app: AppSpec, settings: StartSettings, io: StartIo, mark: string): Running | undefined {
  try {
    return wire({
      app,
      spec: fleetOf(app, settings),
      settings,
      env: io.env,
      mark,
      book: createLogBook({ clock: systemClock, instances: app.instances.length, directory: null }),
      announcer: (readerGone) => createAnnouncer(settings, app.instances, readerGone),
    });
  } catch (error) {
    io.stderr(`procsup: cannot start: ${(error as Error).message}\n`);
    return undefined;
  }
}

// The children may have taken all descriptors there are: then nothing more can be loaded, and we do without.
async function openOutput({ announcer }: Running, io: StartIo): Promise<void> {
  const theme = await io.theme('stdout').catch(() => plainTheme);
  announcer.open(theme, fastestPrefixer());
}
