/** The composition root of whatever supervises: brings the supervisor and the world together. */
import type { Event } from '../core/events.ts';
import { allInstances, type AppSpec } from '../core/plan/app-spec.ts';
import { enforcedOf } from '../core/plan/process-plan.ts';
import type { SignalName } from '../core/process/signals.ts';
import type { FleetSpec } from '../core/fleet/state.ts';
import { createLauncher } from '../os/process/spawn.ts';
import { systemClock } from '../os/clock.ts';
import { ROOM } from '../os/process/descriptor-reserve.ts';
import { createProcessGroups } from '../os/process/groups.ts';
import { createInputs, type Inputs } from '../os/pipes/inputs.ts';
import { softNofilePrelude } from '../os/process/limits.ts';
import { createRunLimits } from '../os/process/run-limits.ts';
import { onSignals, type HeardSignal } from '../os/process/received-signals.ts';
import { createStageLinks } from '../os/pipes/stage-links.ts';
import type { LogBook } from '../logs/book.ts';
import type { ProcessGroups } from '../ports/processes.ts';
import { createJournal, type Journal } from '../runtime/journal.ts';
import { createStopSignals, type StopSignals } from '../runtime/stop-signals.ts';
import { createSupervisor, type News, type Supervisor } from '../runtime/supervisor.ts';
import type { Announcer } from './announce.ts';
import type { Groundwork } from './groundwork.ts';
import { createOutputWatch } from '../output/output-watch.ts';
import { wholeLines } from '../output/whole-lines.ts';
import type { RunOutput } from '../runtime/supervisor-options.ts';
import type { RunChecks } from '../runtime/checks.ts';
import { createLazyChildren, type LazyChildren } from './lazy/children.ts';
import { createLazyChecks } from './lazy/checks.ts';
import { createLazyExchange, type LazyExchange } from './lazy/exchange.ts';
import { createLazyPools, type LazyPools } from './lazy/pools.ts';
import { createLazyEnforcement, type LazyEnforcement } from './lazy/enforcement.ts';
import { keepLimits, type LazyLimits } from './lazy/limits.ts';
import { keepSchedules, type LazySchedules } from './lazy/schedules.ts';
import { keepSharedMemory, type LazySharedMemory } from './lazy/shared-memory.ts';
import { createLazySockets, type LazySockets } from './lazy/sockets.ts';
import { keepWatches, type LazyWatches } from './lazy/watches.ts';
import { createLazyTerminals, type LazyTerminals } from './lazy/terminals.ts';
import type { HostOptions } from './options.ts';
import { recordEvent } from './records/record-event.ts';

export interface RunEnd {
  /** Our exit status. */
  readonly status: number;
  /** A look has shown that no run has left anything. */
  readonly isNobodyLeft: boolean;
}

/** Everything that a running supervisor is made of. */
export interface Running {
  readonly supervisor: Supervisor;
  readonly announcer: Announcer;
  readonly processGroups: ProcessGroups;
  readonly stopSignals: StopSignals;
  readonly groundwork: Groundwork;
  readonly inputs: Inputs;
  readonly terminals: LazyTerminals;
  readonly checks: RunChecks;
  readonly pools: LazyPools;
  readonly exchange: LazyExchange;
  readonly schedules: LazySchedules;
  readonly watches: LazyWatches;
  readonly processLimits: LazyLimits;
  readonly enforcement: LazyEnforcement;
  readonly sharedMemory: LazySharedMemory;
  readonly sockets: LazySockets;
  readonly children: LazyChildren;
  readonly book: LogBook;
  readonly journal: Journal;
  readonly runTag: string;
  /** As soon as everything has ended. */
  readonly ended: Promise<RunEnd>;
  /** Calls back after each step with the names of the members that it has changed, until the returned function is called. */
  onChange(listener: (names: readonly string[]) => void): () => void;
  /** Calls back with each signal that this process gets and that is for us, until the returned function is called. */
  readonly onSignal: (listener: (signal: HeardSignal) => void) => () => void;
  /** From now on signals are none of our business. */
  readonly ignoreSignals: () => void;
}

export interface WireOptions {
  readonly app: AppSpec;
  readonly spec: FleetSpec;
  readonly settings: HostOptions;
  readonly env: NodeJS.ProcessEnv;
  readonly groundwork: Groundwork;
  /** Signals to this process are for us. */
  readonly hearsSignals: boolean;
  /** In a foreground `start` what is typed on our terminal is for us. */
  readonly mode: 'foreground' | 'daemon' | 'library';
  /** They do nothing, and do not end this process either. */
  readonly ignoredSignals: readonly SignalName[];
  readonly book: LogBook;
  /** Of the project, if it is ours alone. */
  readonly stateDirectory: string | undefined;
  /** On which it can be asked, if anybody can ask it. */
  readonly socket: string | undefined;
  /**
   * `readerGone`: to be called when nobody reads our output any more. `stuck`: when it cannot be written, which the
   * announcer itself says.
   */
  readonly announcer: (readerGone: () => void, stuck: (event: Event) => void) => Announcer;
}

/** Nothing is started yet. Throws the system's error where it refuses what we cannot do without. */
export function wire(options: WireOptions): Running {
  const { app, spec, settings, env, groundwork, book, stateDirectory, announcer: announce } = options;
  const { runTag, pipes, guardian, reserve } = groundwork;
  const instances = allInstances(app);
  const journal = createJournal(() => systemClock.wallNow());
  const inputs = createInputs();
  const terminals = createLazyTerminals((name) => {
    recordEvent({ journal, announcer }, { type: 'drawing', name });
  });
  const listeners = new Set<(names: readonly string[]) => void>();
  groundwork.onGuardianLost(() => {
    recordEvent({ journal, announcer }, { type: 'guardian-lost' });
  });
  const limits = createRunLimits();
  const processGroups = createProcessGroups(reserve, limits, 'own');
  const stopSignals = createStopSignals(processGroups);
  const outputWatch = createOutputWatch();
  const asked = options.socket === undefined ? {} : { PROCSUP_SOCKET: options.socket };
  const variables = () => ({ ...asked, ...sharedMemory.variables(), ...sockets.variables() });
  const launching = { inputs: pipes, prelude: softNofilePrelude(env), limits, variables };
  const hasRoom = (): boolean => reserve.makeRoomFor(ROOM.launch);
  const checks = createLazyChecks({
    clock: systemClock,
    output: outputWatch,
    launcher: createLauncher({ ...launching, pipes, hasRoom }),
    guard: guardian,
    pipes,
    runTag,
  });
  const sockets = createLazySockets({
    root: app.root,
    output: outputWatch,
    tell: (name, fact) => recordEvent({ journal, announcer }, { name, ...fact }),
    journal,
    running: () => ({ supervisor, processGroups, runTag }),
  });
  const enforcement = createLazyEnforcement({
    runTag,
    record: (name, fact) => recordEvent({ journal, announcer }, { name, ...fact }),
    refused: (reason) => recordEvent({ journal, announcer }, { type: 'limits-not-enforced', reason }),
    limitsOf: (name) => enforcedOf(supervisor.instances.get(name)?.plan),
  });
  const announcer = announce(
    () => supervisor.send({ type: 'close', cause: { by: 'reader-gone' }, signal: 'SIGTERM' }),
    (event) => journal.add(event),
  );

  const output: RunOutput = {
    attach: (fd, instance, terminal) =>
      announcer.hub.attach(
        fd,
        instance,
        outputWatch.tap(instance.name, book.writer(instance.name)),
        terminal?.readInto,
      ),
    attachHook: (fd, instance) => announcer.hub.attach(fd, instance, wholeLines(book.writer(instance.name))),
  };
  const exchange = createLazyExchange({ root: app.root, stateDirectory }, (event) =>
    recordEvent({ journal, announcer }, event),
  );
  if (app.queues !== undefined) void exchange.declare(app.queues);
  const pools = createLazyPools(() => ({
    ...{ supervisor, pipes, output },
    queues: async () => (await exchange.open()).queues,
    record: (event) => recordEvent({ journal, announcer }, event),
  }));
  const sharedMemory = keepSharedMemory(groundwork.memory, { journal, announcer });

  let end: (runEnd: RunEnd) => void;
  const ended = new Promise<RunEnd>((resolve) => (end = resolve));
  const children = createLazyChildren();
  const launcher = createLauncher({
    ...launching,
    children: () => children.next(),
    pipes: settings.output === 'inherited' ? null : pipes,
    stdin: settings.stdin,
    hasRoom,
  });
  const supervisor = createSupervisor({
    spec,
    instances,
    root: app.root,
    runTag,
    links: createStageLinks(async () => (await import('../os/pipes/best-pipes.ts')).createBestPipes()),
    launcher,
    processGroups,
    stopSignals,
    guard: guardian,
    output,
    inputs,
    terminals,
    checks: enforcement.around(sockets.around(checks)),
    pools,
    clock: systemClock,
    random: Math.random,
    on: {
      record: (event) => recordEvent({ journal, announcer }, event),
      dropped(name) {
        book.forget(name);
        outputWatch.forget(name);
      },
      changed(names) {
        pools.changed(names);
        sockets.changed();
        for (const listener of [...listeners]) listener(names);
      },
      finished: (status, isNobodyLeft) => end({ status, isNobodyLeft }),
    },
  });
  const { hearsSignals, ignoredSignals } = options;
  const onSignal: Running['onSignal'] = (listener) =>
    hearsSignals
      ? onSignals((signal) => {
          if (!ignoredSignals.includes(signal)) listener(signal);
        })
      : () => undefined;
  const ignoreSignals = onSignal((signal) => supervisor.send(newsOf(signal)));
  const onChange: Running['onChange'] = (listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const schedules = keepSchedules({ supervisor, journal, announcer, onChange, stateDirectory });
  const watches = keepWatches({
    ...{ supervisor, journal, announcer, onChange, root: app.root, settings, mode: options.mode },
    ...{ memory: groundwork.memory, stateDirectory },
    tools: { launcher, processGroups, guard: guardian, output, clock: systemClock, runTag },
  });
  const processLimits = keepLimits({
    ...{ supervisor, journal, announcer, onChange },
    keeps: enforcement.keeps,
  });
  return {
    supervisor,
    announcer,
    processGroups,
    stopSignals,
    groundwork,
    inputs,
    terminals,
    checks,
    pools,
    exchange,
    schedules,
    watches,
    processLimits,
    enforcement,
    sharedMemory,
    sockets,
    children,
    book,
    journal,
    runTag,
    ended,
    onChange,
    onSignal,
    ignoreSignals,
  };
}

function newsOf(signal: HeardSignal): News {
  switch (signal) {
    case 'SIGINT':
    case 'SIGTERM':
      return { type: 'close', cause: { by: 'signal', signal }, signal };
    // To many servers SIGHUP means "read your files again", and SIGQUIT and SIGABRT mean "dump core": such a stop
    // reaches them as SIGTERM.
    case 'SIGHUP':
    case 'SIGQUIT':
    case 'SIGALRM':
    case 'SIGXCPU':
    case 'SIGABRT':
      return { type: 'close', cause: { by: 'signal', signal }, signal: 'SIGTERM' };
    case 'SIGUSR1':
    case 'SIGUSR2':
      return { type: 'forward', signal };
  }
}
