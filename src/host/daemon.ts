/** The supervisor daemon: what `start -d` starts and leaves behind. */
import type { AppSpec } from '../core/plan/app-spec.ts';
import { statusOf, STATUS } from '../core/process/exit.ts';
import { exitOfPublic } from '../core/process/public-exit.ts';
import { snapshotOf, type InstanceSnapshot } from '../core/snapshot.ts';
import type { SupervisorNotice } from '../core/supervisor-notice.ts';
import { systemClock } from '../os/clock.ts';
import { openHandshake, type Handshake } from '../os/process/handshake.ts';
import { createLogBook, type LogBook } from '../logs/book.ts';
import { plainTheme } from '../ui/paint.ts';
import { publicExitText } from '../ui/public-exit-text.ts';
import { previousEndText } from '../ui/supervisor-notices.ts';
import { buryDead } from './clean-up-after-crash.ts';
import { claim, type Claimed } from './lock.ts';
import { createDaemonAnnouncer } from './announce-daemon.ts';
import type { DaemonNews, DaemonWords, StartedInstance } from './daemon-protocol.ts';
import { fastestPrefixer } from './fastest-prefixer.ts';
import { logFilesKept } from './descriptor-needs.ts';
import { fleetOf } from './fleet-of.ts';
import { guardExitLater } from './exit-guard.ts';
import { loadApp, type LoadedApp } from '../config/load-app.ts';
import { newMark } from './run-tag.ts';
import { noteFor } from './record-event.ts';
import type { Project } from './project.ts';
import type { Served } from './serve.ts';
import { windDown } from './wind-down.ts';
import { wire, type Running } from './wire.ts';

/** What was spawned is up when it has lived so long: a misspelt command or a missing module shows itself sooner. */
const PROOF_MS = 250;
const LAST_LINES = 20;

export async function daemon([text = '']: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const handshake = openHandshake();
  const say = (news: DaemonNews): void => handshake.say(news);
  try {
    return await live(JSON.parse(text) as DaemonWords, env, say, handshake);
  } catch (error) {
    say({ news: 'failed', status: STATUS.internal, message: (error as Error).message });
    throw error;
  }
}

async function live(
  { settings, forceColor }: DaemonWords,
  env: NodeJS.ProcessEnv,
  say: (news: DaemonNews) => void,
  handshake: Handshake,
): Promise<number> {
  const options = { ...settings, forceColor };
  const cwd = process.cwd();
  const loaded = await loadApp(options, env, cwd);
  const { value: app, input } = loaded;
  if (app === undefined || input === undefined) return fail(say, STATUS.usage, messagesOf(loaded));

  const mark = newMark();
  const claimed = claim(app.root, 'daemon', mark, env);
  if (claimed.kind === 'busy') {
    say({ news: 'busy', pid: claimed.holder.identity.pid });
    return STATUS.supervisor;
  }
  if (claimed.kind === 'refused') return fail(say, STATUS.internal, claimed.why);
  const previous = claimed.dead.length === 0 ? [] : await buryDead(claimed);

  const book = bookFor(claimed, app, settings, (notice) => noteFor(running, notice));
  const spec = fleetOf(app, settings);
  const running = wire({
    app,
    spec,
    settings,
    env,
    mark,
    book,
    announcer: () => createDaemonAnnouncer(book),
  });
  for (const end of previous) noteFor(running, end);
  const started = running.supervisor.ask(
    'start',
    app.instances.map(({ name }) => name),
  );
  running.announcer.open(plainTheme, fastestPrefixer());
  const net = guardExitLater(running);
  const { places, claim: own } = claimed;
  const project = { places, claim: own, settings, options, env, cwd, app, input, previous };
  const served = await openedTo(running, project);
  if ('refused' in served) {
    // A daemon that nobody can ask is of no use: nothing of it stays.
    running.supervisor.send({ type: 'close', cause: { by: 'request' }, signal: 'SIGTERM' });
    await windDown(running, settings);
    net.remove();
    claimed.lock.release();
    return fail(say, STATUS.internal, `cannot be asked from other terminals: ${served.refused}`);
  }
  void started.then(async () => {
    if (!settings.noWait) await new Promise<void>((resolve) => void systemClock.after(PROOF_MS, resolve));
    if (!settings.noWait && settings.wait === 'ready') await allReady(running, app.instances);
    const sinceMs = Date.parse(own.since);
    const remarks = previous.map(previousEndText);
    say({
      news: 'up',
      pid: process.pid,
      instances: await startedInstances(running, app.instances, sinceMs),
      remarks,
    });
    handshake.close();
  });
  const status = await windDown(running, settings);
  net.remove();
  await served.close();
  claimed.lock.release();
  return status;
}

async function openedTo(running: Running, project: Project): Promise<Served | { readonly refused: string }> {
  try {
    const { serve } = await import('./serve.ts');
    return await serve(running, project);
  } catch (error) {
    return { refused: (error as Error).message };
  }
}

function fail(say: (news: DaemonNews) => void, status: number, message: string): number {
  say({ news: 'failed', status, message });
  return status;
}

const messagesOf = ({ problems }: LoadedApp): string => problems.map(({ message }) => message).join('; ');

function bookFor(
  { places }: Extract<Claimed, { kind: 'held' }>,
  app: AppSpec,
  settings: DaemonWords['settings'],
  tell: (notice: SupervisorNotice) => void,
): LogBook {
  const { logFiles, logSizeBytes } = settings;
  const directory = logFiles === 0 ? null : places.logDirectory;
  return createLogBook({
    clock: systemClock,
    instances: app.instances.length,
    directory,
    maxFileBytes: logSizeBytes,
    maxFiles: logFiles,
    mostOpenFiles: logFilesKept(app, settings),
    onLoss: (reason) => tell({ type: 'logs-lost', reason }),
    onRecovered: (lostBytes) => tell({ type: 'logs-recovered', lostBytes }),
  });
}

async function startedInstances(
  { supervisor, book }: Running,
  instances: AppSpec['instances'],
  sinceMs: number,
): Promise<readonly StartedInstance[]> {
  const taken = snapshotOf(supervisor.state, instances, new Map(), systemClock.now());
  return Promise.all(
    taken.map(async (one) => startedInstance(one, isUp(one) ? [] : await lastLines(book, one.name, sinceMs))),
  );
}

/** A task that is done by now was up as well. */
function isUp({ state, exit }: InstanceSnapshot): boolean {
  return state === 'running' || (state === 'exited' && exit !== null && 'code' in exit && exit.code === 0);
}

function startedInstance(one: InstanceSnapshot, lines: readonly string[]): StartedInstance {
  const { name, pid, exit } = one;
  const why = exit === null ? (one.state === 'running' ? '' : `is ${one.state}`) : publicExitText(exit);
  const status = isUp(one) ? STATUS.success : exit === null ? STATUS.internal : statusOf(exitOfPublic(exit));
  return { name, pid, isUp: isUp(one), why, status, lastLines: lines };
}

/** Of this start: an earlier one may have left lines too. */
async function lastLines(book: LogBook, name: string, sinceMs: number): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const batch of book.read({ names: [name], sinceMs, lines: LAST_LINES })) {
    for (const { text } of batch) lines.push(text.toString());
  }
  return lines;
}

/** Resolves when each that runs is ready. */
function allReady(running: Running, instances: AppSpec['instances']): Promise<void> {
  const isPending = ({ state, ready }: InstanceSnapshot): boolean =>
    state === 'starting' || (state === 'running' && !ready);
  return new Promise((resolve) => {
    const look = (): void => {
      const taken = snapshotOf(running.supervisor.state, instances, new Map(), systemClock.now());
      if (taken.some(isPending)) return;
      stop();
      resolve();
    };
    const stop = running.onChange(look);
    look();
  });
}
