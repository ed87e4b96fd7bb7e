/** The composition root of whatever supervises: brings the supervisor and the world together. */
import { allInstances, type AppSpec } from '../core/app-spec.ts';
import type { FleetSpec } from '../core/fleet-state.ts';
import { createLauncher } from '../os/children.ts';
import { systemClock } from '../os/clock.ts';
import { closeInherited } from '../os/descriptors.ts';
import { createFamilies } from '../os/families.ts';
import { createGuardian, type Guardian } from '../os/guardian.ts';
import { createInputs, type Inputs } from '../os/inputs.ts';
import { softNofilePrelude } from '../os/limits.ts';
import { createPipePool, type PipePool } from '../os/pipes.ts';
import { onSignals, type HeardSignal } from '../os/signals.ts';
import { createStageLinks } from '../os/stage-links.ts';
import type { LogBook } from '../output/log-book.ts';
import type { Families } from '../ports.ts';
import { createJournal, type Journal } from '../runtime/journal.ts';
import { createSupervisor, type News, type Supervisor } from '../runtime/supervisor.ts';
import { fleetNoticeText, GUARDIAN_LOST, processNoticeText } from '../ui/notices.ts';
import type { Announcer } from './announcer.ts';
import type { StartSettings } from './settings.ts';

/** Everything that a running supervisor is made of. */
export interface Running {
  readonly supervisor: Supervisor;
  readonly announcer: Announcer;
  readonly families: Families;
  readonly guardian: Guardian;
  /** Null with `--raw`. */
  readonly pipes: PipePool | null;
  readonly inputs: Inputs;
  readonly book: LogBook;
  readonly journal: Journal;
  readonly mark: string;
  /** Our exit status, as soon as everything has ended. */
  readonly ended: Promise<number>;
  /** Calls back after each step of the machine with the names of those that it has changed, until the returned function is called. */
  onChange(listener: (names: readonly string[]) => void): () => void;
}

export interface WireOptions {
  readonly app: AppSpec;
  readonly spec: FleetSpec;
  readonly settings: StartSettings;
  readonly env: NodeJS.ProcessEnv;
  readonly mark: string;
  readonly book: LogBook;
  /** `readerGone`: to be called when nobody reads our output any more. */
  readonly announcer: (readerGone: () => void) => Announcer;
}

/** Nothing is started yet. Throws the system's error where it refuses what we cannot do without. */
export function wire({ app, spec, settings, env, mark, book, announcer: announce }: WireOptions): Running {
  closeInherited();
  const instances = allInstances(app);
  const pipes = settings.raw ? null : createPipePool(pipesFor(app, settings));
  const journal = createJournal(() => systemClock.wallNow());
  const inputs = createInputs();
  const listeners = new Set<(names: readonly string[]) => void>();
  const guardian = createGuardian({
    mark,
    directory: pipes?.directory ?? '',
    fifos: pipes?.firstOrder ?? [],
    onLost() {
      journal.add(null, { type: 'guardian-lost' });
      announcer.say(GUARDIAN_LOST);
    },
  });
  const families = createFamilies();
  const announcer = announce(() =>
    supervisor.send({ type: 'close', cause: { by: 'reader-gone' }, signal: 'SIGTERM' }),
  );

  let end: (status: number) => void;
  const ended = new Promise<number>((resolve) => (end = resolve));
  const supervisor = createSupervisor({
    spec,
    instances,
    root: app.root,
    mark,
    links: createStageLinks(async () => (await import('../os/best-pipes.ts')).createBestPipes()),
    launcher: createLauncher({ pipes, prelude: softNofilePrelude(env), stdin: settings.stdin }),
    families,
    guard: guardian,
    output: { attach: (fd, instance) => announcer.hub.attach(fd, instance, book.writer(instance.name)) },
    inputs,
    clock: systemClock,
    random: Math.random,
    on: {
      processNotice(name, notice) {
        journal.add(name, notice);
        announcer.say(processNoticeText(name, notice));
      },
      fleetNotice(notice) {
        journal.add(null, notice);
        const text = fleetNoticeText(notice);
        if (text !== undefined) announcer.say(text);
      },
      changed(names) {
        for (const listener of [...listeners]) listener(names);
      },
      finished: (status) => end(status),
    },
  });
  onSignals((signal) => supervisor.send(newsOf(signal)));
  const onChange: Running['onChange'] = (listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return { supervisor, announcer, families, guardian, pipes, inputs, book, journal, mark, ended, onChange };
}

/** One for the output of each, and one for its input. */
function pipesFor({ instances }: AppSpec, { stdin }: StartSettings): number {
  return instances.length * (stdin === 'open' ? 2 : 1);
}

function newsOf(signal: HeardSignal): News {
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
