/** The composition root of `start`: brings the supervisor and the world together. */
import type { AppSpec } from '../core/app-spec.ts';
import { createLauncher } from '../os/children.ts';
import { systemClock } from '../os/clock.ts';
import { closeInherited } from '../os/descriptors.ts';
import { createFamilies } from '../os/families.ts';
import { createGuardian, type Guardian } from '../os/guardian.ts';
import { softNofilePrelude } from '../os/limits.ts';
import { createPipePool, type PipePool } from '../os/pipes.ts';
import { onSignals, type HeardSignal } from '../os/signals.ts';
import type { Families } from '../ports.ts';
import { createSupervisor, type News, type Supervisor } from '../runtime/supervisor.ts';
import { fleetNoticeText, processNoticeText } from '../ui/notices.ts';
import { createAnnouncer, type Announcer } from './announcer.ts';
import { fleetOf } from './fleet-of.ts';
import type { StartSettings } from './settings.ts';

export interface Foreground {
  readonly supervisor: Supervisor;
  readonly announcer: Announcer;
  readonly families: Families;
  readonly guardian: Guardian;
  /** Null with `--raw`. */
  readonly pipes: PipePool | null;
  /** What every process that we start is marked with. */
  readonly mark: string;
  /** Our exit status, as soon as everything has ended. */
  readonly ended: Promise<number>;
}

/** Nothing is started yet. Throws the system's error where it refuses what we cannot do without. */
export function wire(app: AppSpec, settings: StartSettings, env: NodeJS.ProcessEnv): Foreground {
  closeInherited();
  const mark = newMark();
  const pipes = settings.raw ? null : createPipePool(app.instances.length);
  const guardian = createGuardian({
    mark,
    directory: pipes?.directory ?? '',
    fifos: pipes?.firstOrder ?? [],
    onLost: () =>
      announcer.say('there is no guardian any more: should procsup be killed, its processes live on'),
  });
  const families = createFamilies();
  const announcer = createAnnouncer(settings, app.instances, () =>
    supervisor.send({ type: 'close', cause: { by: 'reader-gone' }, signal: 'SIGTERM' }),
  );

  let end: (status: number) => void;
  const ended = new Promise<number>((resolve) => (end = resolve));
  const supervisor = createSupervisor({
    spec: fleetOf(app, settings),
    instances: app.instances,
    root: app.root,
    mark,
    launcher: createLauncher({ pipes, prelude: softNofilePrelude(env) }),
    families,
    guard: guardian,
    output: announcer.hub,
    clock: systemClock,
    random: Math.random,
    on: {
      processNotice: (name, notice) => announcer.say(processNoticeText(name, notice)),
      fleetNotice(notice) {
        const text = fleetNoticeText(notice);
        if (text !== undefined) announcer.say(text);
      },
      finished: (status) => end(status),
    },
  });
  onSignals((signal) => supervisor.send(eventOf(signal)));
  return { supervisor, announcer, families, guardian, pipes, mark, ended };
}

function eventOf(signal: HeardSignal): News {
  switch (signal) {
    case 'SIGINT':
    case 'SIGTERM':
      return { type: 'close', cause: { by: 'signal', signal }, signal };
    // To many servers SIGHUP means "read your files again": a hangup reaches them as SIGTERM.
    case 'SIGHUP':
      return { type: 'close', cause: { by: 'signal', signal }, signal: 'SIGTERM' };
    case 'SIGUSR1':
    case 'SIGUSR2':
      return { type: 'forward', signal };
  }
}

/** Unique among all supervisors on this machine, and short: it stands in every child's environment. */
function newMark(): string {
  const parts = [process.pid, Date.now(), Math.floor(Math.random() * 1e9)];
  return `${parts.map((part) => part.toString(36)).join('-')}:`;
}
