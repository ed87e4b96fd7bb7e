/**
 * One run of an application from the lock to the last clean-up, whether `procsup start`, the daemon or the library asks
 * for it: what they do differently is in the order that they give.
 */
import { fleetOf } from './fleet-of.ts';
import { createLogBook, type LogBook, type LogBookOptions } from '../logs/book.ts';
import { allInstances } from '../core/plan/app-spec.ts';
import { systemClock } from '../os/clock.ts';
import type { LockOwner } from '../os/files/lock.ts';
import { closeInherited } from '../os/process/descriptors.ts';
import type { TicketResult } from '../core/fleet/tickets.ts';
import { STATUS } from '../core/process/exit.ts';
import type { Cause, Event, PreviousEnd } from '../core/events.ts';
import type { SignalName } from '../core/process/signals.ts';
import type { Announcer } from './announce.ts';
import { logFilesKept } from './descriptor-needs.ts';
import { guardExitOfProgram, guardOurExit } from './exit-guard.ts';
import { layGroundwork, type Groundwork } from './groundwork.ts';
import { acquireLock, withoutLock, type LockOutcome, type Locked } from './ownership/lock.ts';
import { keepLock } from './ownership/keep-lock.ts';
import { openControl, type Control } from './open-control.ts';
import type { HostOptions, LogFileOptions } from './options.ts';
import type { Application, Project } from './project.ts';
import { recordEvent } from './records/record-event.ts';
import { newRunTag } from './run-tag.ts';
import { windDown } from './wind-down.ts';
import { wire, type RunEnd, type Running } from './wire.ts';

export interface RunOrder {
  readonly application: Application;
  readonly settings: HostOptions;
  readonly mode: LockOwner['mode'];
  /** Instances to be started at once. */
  readonly names: readonly string[];
  /** Why they are started. */
  readonly cause: Cause;
  /** `wanted`: without it the run goes on, and says so. `needed`: without it there is no run. */
  readonly lock: 'none' | 'wanted' | 'needed';
  /** When it can be asked: at once, or as soon as it has lasted long enough for anybody to ask. */
  readonly control: 'at once' | 'later';
  /** The process is all ours, with its descriptors, and so is its end. Else we are a part of some program. */
  readonly ownsProcess: boolean;
  /** Signals to the process are for us. */
  readonly hearsSignals: boolean;
  /** They are to do nothing, because they were ignored when this process was started, or mean something else here. */
  readonly ignoredSignals?: readonly SignalName[];
  /** Output is kept in files as well. */
  readonly logFiles?: LogFileOptions;
  /** `readerGone`: to be called when nobody reads our output any more. */
  readonly announcer: (book: LogBook, readerGone: () => void, stuck: (event: Event) => void) => Announcer;
  /** Begins to print. The first processes run already. */
  readonly open: (announcer: Announcer) => Promise<void>;
}

export interface Run {
  readonly kind: 'running';
  readonly running: Running;
  readonly project: Project;
  /** What has become of `names`. */
  readonly started: Promise<readonly TicketResult[]>;
  readonly control: Control;
  /** Our exit status, when nothing is left of it. */
  readonly ended: Promise<number>;
}

/** `refused`: the system refuses something without which there is no run. */
export type NoRun = Extract<LockOutcome, { kind: 'busy' | 'refused' }>;

type Refused = Extract<NoRun, { kind: 'refused' }>;

/** Resolves when the first processes have been started, with a run that goes on by itself. */
export async function runSupervisor(order: RunOrder): Promise<Run | NoRun> {
  const runTag = newRunTag();
  if (order.ownsProcess) closeInherited();
  const groundwork = groundworkFor(order, runTag);
  if ('why' in groundwork) return groundwork;
  const locked = await lockFor(order, groundwork);
  if (locked.kind === 'busy' || (locked.kind === 'refused' && (order.lock === 'needed' || locked.isOwned))) {
    await groundwork.close();
    return locked;
  }
  const previous = await crashesBefore(locked);
  const logFiles = await logFilesOf(order, locked);
  const running = wireFor(order, groundwork, locked, logFiles);
  if ('why' in running) {
    await groundwork.close();
    releaseLock(locked);
    return running;
  }
  for (const end of previous) recordEvent(running, end);
  for (const reason of warningsOf(locked)) recordEvent(running, { type: 'directory-unsafe', reason });
  const opening = running.sockets.openAll(order.application.app);
  if (opening !== undefined) await opening;
  // In a program that we are a part of, SIGCHLD is not ours to hear.
  if (order.ownsProcess) await running.children.expect(order.names.length);
  const started = running.supervisor.ask('start', order.names, order.cause);
  // The first children run. Whatever else we need can be loaded while they do; their pipes wait.
  await order.open(running.announcer);
  const remarked = sayTakenPorts(running, order);
  const guard = order.ownsProcess ? guardOurExit(running) : guardExitOfProgram(running);
  const stopReaping = order.ownsProcess ? reapFor(running) : undefined;
  const project = projectOf(order, locked, previous);
  const control = openControl(running, project, locked, order.control === 'later' ? LATER_MS : 0);
  if (order.lock === 'wanted') void sayIfRefused(running, control);

  let isTaken = false;
  const stopKeeping = keepLock(locked, {
    renewed: () => recordEvent(running, { type: 'lock-renewed' }),
    taken(owner) {
      isTaken = true;
      const cause = { by: 'lock-taken', pid: owner.identity.pid } as const;
      running.supervisor.send({ type: 'close', cause, signal: 'SIGTERM' });
    },
  });
  const ended = windDown(running, order.settings, remarked).then(async (status) => {
    stopKeeping();
    stopReaping?.();
    running.schedules.close();
    running.watches.close();
    running.processLimits.close();
    // What is in memory only can be read after the end as well.
    if (order.logFiles !== undefined) running.book.close();
    guard.remove();
    await control.close();
    releaseLock(locked);
    if (!order.ownsProcess) running.ignoreSignals();
    return isTaken ? STATUS.supervisor : status;
  });
  return { kind: 'running', running, project, started, control, ended };
}

/** What nobody waits for comes after the first words of the programs. */
const LATER_MS = 100;

/** Elsewhere orphans are seldom: what looks for them is loaded later. */
const REAP_AFTER_MS = process.pid === 1 ? 0 : 30_000;

function reapFor(running: Running): () => void {
  let isStopped = false;
  let stop = systemClock.after(REAP_AFTER_MS, () => {
    import('../os/process/reap-orphans.ts').then(
      ({ reapOrphans }) => {
        if (isStopped) return;
        stop = reapOrphans({
          clock: systemClock,
          owns: (pid) => running.groundwork.guardian.groups.has(pid),
          load: async () => (await import('../os/pipes/koffi-addon.ts')).loadFastKoffiReap(),
          onUnable: () => recordEvent(running, { type: 'orphans-unreaped' }),
        });
      },
      () => undefined,
    );
  });
  return () => {
    isStopped = true;
    stop();
  };
}

function groundworkFor({ application, settings }: RunOrder, runTag: string): Groundwork | Refused {
  return orRefused(() => layGroundwork(application.app, settings, runTag));
}

function wireFor(
  order: RunOrder,
  groundwork: Groundwork,
  locked: Locked,
  logFiles: LogFilesToKeep | undefined,
): Running | Refused {
  const { application, settings, mode, hearsSignals, ignoredSignals = [], announcer } = order;
  const { app, env } = application;
  return orRefused(() => {
    const book = bookFor(order, logFiles, () => running);
    const running: Running = wire({
      ...{ app, settings, env, groundwork, hearsSignals, ignoredSignals, book },
      spec: fleetOf(app, settings),
      mode,
      stateDirectory: locked.kind === 'held' ? locked.places.stateDirectory : undefined,
      socket: locked.kind === 'held' ? locked.owner.socket : undefined,
      announcer: (readerGone, stuck) => announcer(book, readerGone, stuck),
    });
    return running;
  });
}

function orRefused<T>(make: () => T): T | Refused {
  try {
    return make();
  } catch (error) {
    return { kind: 'refused', why: (error as Error).message };
  }
}

/** Where other terminals look for it is told by our own environment, whatever the processes get. */
async function lockFor(
  { lock, application, mode }: RunOrder,
  { runTag, pipes }: Groundwork,
): Promise<LockOutcome> {
  if (lock === 'none') return { kind: 'none' };
  return acquireLock(application.app.root, mode, runTag, process.env, pipes.directory);
}

const warningsOf = (locked: Locked): readonly string[] => (locked.kind === 'held' ? locked.warnings : []);

function releaseLock(locked: Locked): void {
  if (locked.kind === 'held') locked.lock.release();
}

/** The last one may have been killed: what it has left is stopped, and reported. */
async function crashesBefore(locked: Locked): Promise<readonly PreviousEnd[]> {
  if (locked.kind !== 'held' || locked.crashed.length === 0) return [];
  return (await import('./ownership/clean-up-after-crash.ts')).cleanUpAfterCrash(locked);
}

type LogFilesToKeep = LogFileOptions & Required<Pick<LogBookOptions, 'directory' | 'onDisk'>>;

/** Undefined: none are kept. */
async function logFilesOf({ logFiles }: RunOrder, locked: Locked): Promise<LogFilesToKeep | undefined> {
  if (logFiles === undefined || logFiles.maxFiles === 0 || locked.kind !== 'held') return undefined;
  return {
    ...logFiles,
    directory: locked.places.logDirectory,
    onDisk: await import('../logs/on-disk.ts'),
  };
}

function bookFor(
  { application, settings, mode }: RunOrder,
  logFiles: LogFilesToKeep | undefined,
  running: () => Parameters<typeof recordEvent>[0],
): LogBook {
  const common = { clock: systemClock, instances: application.app.instances.length };
  if (logFiles === undefined) return createLogBook({ ...common, directory: null });
  return createLogBook({
    ...{ ...common, ...logFiles },
    mostOpenFiles: logFilesKept(application.app, settings, mode === 'daemon'),
    names: allInstances(application.app).map(({ name }) => name),
    onLoss: (reason) => recordEvent(running(), { type: 'logs-lost', reason }),
    onRecovered: (lostBytes) => recordEvent(running(), { type: 'logs-recovered', lostBytes }),
  });
}

function projectOf(
  { application, settings, mode }: RunOrder,
  locked: Locked,
  previous: readonly PreviousEnd[],
): Project {
  const { root } = application.app;
  const own = locked.kind === 'held' ? locked : { places: { root }, owner: withoutLock(mode) };
  return {
    ...application,
    places: own.places,
    stateDirectory: locked.kind === 'held' ? locked.places.stateDirectory : undefined,
    owner: own.owner,
    settings,
    previous,
    warnings: warningsOf(locked),
  };
}

/**
 * It is only a hint: without descriptors, say, it is left out. A run that ends before with success needs none: for such a
 * list the kernel looks through all its sockets, which takes 8 ms.
 */
async function sayTakenPorts(running: Running, { application, names, control }: RunOrder): Promise<void> {
  const { app, input } = application;
  if (names.length === 0) return;
  if (control === 'later' && (await endWithin(LATER_MS, running.ended))?.status === STATUS.success) return;
  try {
    const { tellTakenPorts } = await import('./taken-ports.ts');
    await tellTakenPorts(running, app.instances, app.root, input.portStep !== undefined);
  } catch {
    return;
  }
}

/** Undefined: it goes on. */
function endWithin(ms: number, ended: Running['ended']): Promise<RunEnd | undefined> {
  return new Promise((resolve) => {
    const cancel = systemClock.after(ms, () => resolve(undefined));
    void ended.then((end) => {
      cancel();
      resolve(end);
    });
  });
}

async function sayIfRefused(running: Running, { opened }: Control): Promise<void> {
  const control = await opened;
  if (control !== undefined && 'refused' in control) {
    recordEvent(running, { type: 'control-unavailable', reason: control.refused });
  }
}
