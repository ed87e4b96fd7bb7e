/** `procsup start -d`: starts the daemon and waits until its processes are running, or reports which are not and why. */
import { STATUS } from '../core/process/exit.ts';
import { SIGNAL_NUMBERS } from '../core/process/signals.ts';
import type { LaunchedDaemon } from '../os/process/daemonize.ts';
import { givenPath, placesOf, type Places } from '../os/files/places.ts';
import { findOwnerHere } from '../host/ownership/find-owner.ts';
import { startedText } from '../ui/started-text.ts';
import { busyWhile } from './client/busy.ts';
import type { DaemonNews, DaemonWords, StartedInstance } from '../host/daemon/protocol.ts';
import type { AppOptions } from '../config/load-app.ts';
import { hostOptions } from './host-options.ts';
import type { StartIo } from './io.ts';
import type { Located } from './locate.ts';
import { launchSupervisor } from './launch-supervisor.ts';
import type { StartSettings } from './settings.ts';
import { startElsewhere } from './start-elsewhere.ts';

export interface DetachedOptions {
  readonly root: string;
  readonly settings: StartSettings & Located;
  /** With what was read, if the Procfile is a pipe. */
  readonly source: AppOptions;
  readonly io: StartIo;
}

export async function startDetached(options: DetachedOptions): Promise<number> {
  const { root, settings, io } = options;
  const places = placesOf(root, io.env);
  const runningHere = () => findOwnerHere(places, givenPath(root, io.env, io.cwd));
  const earlier = await runningHere();
  if (earlier !== undefined) return startElsewhere(earlier, settings, io);

  const daemon = launched(places, options);
  if ('refused' in daemon) {
    io.stderr(`procsup: cannot start in the background: ${daemon.refused}\n`);
    return STATUS.internal;
  }
  const news = await busyWhile(io.env, 'starting', firstNewsOf(daemon));
  daemon.letGo();
  // Another one was faster.
  const faster = news.news === 'busy' ? await runningHere() : undefined;
  if (faster !== undefined) return startElsewhere(faster, settings, io);
  return tell(news, places.daemonLog, settings, io);
}

/** Creating the daemon's directory or log can fail. */
function launched(
  places: Places,
  { settings, source, io: { env, cwd } }: DetachedOptions,
): LaunchedDaemon | { readonly refused: string } {
  try {
    return launchSupervisor(places, wordsOf(settings, source), { env, cwd });
  } catch (error) {
    return { refused: (error as Error).message };
  }
}

function wordsOf(settings: StartSettings & Located, source: AppOptions): DaemonWords {
  const { wait, noWait, waitTimeoutMs, logSizeBytes, logFiles } = settings;
  return {
    source,
    settings: hostOptions(settings),
    logFiles: { maxFileBytes: logSizeBytes, maxFiles: logFiles },
    wait: noWait ? 'no' : wait,
    ...(waitTimeoutMs !== undefined && { waitTimeoutMs }),
  };
}

/** A daemon that exits without a report has failed. Ctrl-C before its processes are running stops it again. */
function firstNewsOf(daemon: LaunchedDaemon): Promise<DaemonNews> {
  let interrupt: 'SIGINT' | 'SIGTERM' | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupt = signal;
      if (daemon.pid !== null) process.kill(daemon.pid, 'SIGTERM');
    });
  }
  return new Promise((resolve) => {
    daemon.lines((line) => {
      if (interrupt === undefined) resolve(JSON.parse(line) as DaemonNews);
    });
    void daemon.ended.then(({ status, signal, error }) => {
      if (interrupt === undefined) {
        const how = error ?? signal ?? `status ${String(status)}`;
        const message = `the daemon exited before its processes were running (${how})`;
        resolve({ news: 'failed', status: STATUS.internal, message });
      } else {
        const message = 'interrupted; stopped all processes that had been started';
        resolve({ news: 'failed', status: 128 + SIGNAL_NUMBERS[interrupt], message });
      }
    });
  });
}

function tell(news: DaemonNews, daemonLog: string, { json }: StartSettings, io: StartIo): number {
  switch (news.news) {
    case 'busy':
      io.stderr(`procsup: a supervisor is already running for this project (pid ${String(news.pid)})\n`);
      return STATUS.supervisor;
    case 'failed':
      io.stderr(`procsup: ${news.message}\n  help: see ${daemonLog}\n`);
      return news.status;
    case 'up': {
      const { pid, instances, remarks } = news;
      for (const remark of remarks) io.stderr(`procsup: ${remark}\n`);
      if (json) io.stdout(`${JSON.stringify({ pid, instances })}\n`);
      else for (const one of instances) tellStarted(one, io);
      if (!json) io.stdout(`procsup is running in the background (pid ${String(pid)})\n`);
      return statusOfFailed(instances);
    }
  }
}

/** Of the first that failed by itself. */
function statusOfFailed(instances: readonly StartedInstance[]): number {
  const failed = instances.filter(({ isUp }) => !isUp);
  return (failed.find(({ isConsequence }) => isConsequence !== true) ?? failed[0])?.status ?? STATUS.success;
}

function tellStarted(one: StartedInstance, io: StartIo): void {
  if (one.isUp) io.stdout(startedText(one));
  else io.stderr(startedText(one));
}
