import type { AppSpec } from '../../core/app-spec.ts';
import { STATUS } from '../../core/exit.ts';
import type { Problem } from '../../core/problem.ts';
import { systemClock } from '../../os/clock.ts';
import { windDown } from '../wind-down.ts';
import type { StartIo } from '../io.ts';
import { loadApp } from '../load-app.ts';
import { plainTheme } from '../../ui/paint.ts';
import type { StartSettings } from '../settings.ts';
import { fastestPrefixer } from '../fastest-prefixer.ts';
import { wire, type Foreground } from '../wire.ts';

/** `procsup start`: runs the application in the foreground until it ends. Returns our exit status. */
export async function start(settings: StartSettings, io: StartIo): Promise<number> {
  const forceColor = io.coloured.stdout;
  const { value: app, problems } = await loadApp({ ...settings, forceColor }, io.env, io.cwd);
  const all = [...problems, ...(app === undefined ? [] : problemsOfRaw(app, settings))];
  if (all.length > 0) await tell(all, io);
  if (app === undefined || all.length > problems.length) return STATUS.usage;

  const foreground = wired(app, settings, io);
  if (foreground === undefined) return STATUS.internal;
  const names = app.instances.map(({ name }) => name);
  void foreground.supervisor.ask('start', names);
  // The first children run. Whatever else we need can be loaded while they do; their pipes wait.
  await openOutput(foreground, io);
  const net = spreadNetLater(foreground);
  const status = await windDown(foreground, settings);
  net.remove();
  return status;
}

function problemsOfRaw(app: AppSpec, { raw }: StartSettings): readonly Problem[] {
  if (!raw || app.instances.length === 1) return [];
  return [
    {
      code: 'raw-not-single',
      severity: 'error',
      message: `--raw is for a single process, and ${String(app.instances.length)} would be started`,
      remedy: `name one: procsup start --raw ${app.processes[0] ?? 'NAME'}`,
    },
  ];
}

async function tell(problems: readonly Problem[], io: StartIo): Promise<void> {
  const { problemsText } = await import('../../ui/problem-text.ts');
  io.stderr(problemsText(problems, await io.theme('stderr')));
}

/** The system may refuse what nothing can be started without: pipes, a directory for them. */
function wired(app: AppSpec, settings: StartSettings, io: StartIo): Foreground | undefined {
  try {
    return wire(app, settings, io.env);
  } catch (error) {
    io.stderr(`procsup: cannot start: ${(error as Error).message}\n`);
    return undefined;
  }
}

// The children may have taken all descriptors there are: then nothing more can be loaded, and we do without.
async function openOutput({ announcer }: Foreground, io: StartIo): Promise<void> {
  const theme = await io.theme('stdout').catch(() => plainTheme);
  announcer.open(theme, fastestPrefixer());
}

/** Loading the net takes longer than many a run; until it is there, the guardian alone has to do. */
const NET_AFTER_MS = 100;

/** Should procsup fail, nothing that it has started outlives it. */
function spreadNetLater({ families, guardian, mark }: Foreground): { remove(): void } {
  const killAll = (): void => {
    for (const pid of guardian.groups) families.signal({ pid, runId: mark }, 'SIGKILL', 'group');
    families.signalMarked(mark, 'SIGKILL');
  };
  let remove = systemClock.after(NET_AFTER_MS, () => {
    import('../../os/exit-hook.ts').then(
      ({ onLastExit }) => (remove = onLastExit(killAll)),
      () => undefined,
    );
  });
  return { remove: () => remove() };
}
