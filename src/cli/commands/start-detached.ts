/** `procsup start -d`: starts the daemon and returns when its processes are up, or says which are not and why. */
import { join } from 'node:path';
import { STATUS } from '../../core/exit.ts';
import { launchDaemon, type LaunchedDaemon } from '../../os/daemonize.ts';
import { placesOf } from '../../os/places.ts';
import { makePrivateDirectory } from '../../os/private-directory.ts';
import { holderOf } from '../../os/project-lock.ts';
import { startedText } from '../../ui/started-text.ts';
import { busyWhile } from '../control/busy.ts';
import { daemonWords, type DaemonNews, type StartedInstance } from '../daemon-words.ts';
import type { StartIo } from '../io.ts';
import type { StartSettings } from '../settings.ts';
import { startElsewhere } from './start-elsewhere.ts';

export interface DetachedOptions {
  readonly root: string;
  readonly settings: StartSettings;
  readonly io: StartIo;
}

export async function startDetached({ root, settings, io }: DetachedOptions): Promise<number> {
  const places = placesOf(root, io.env);
  const holder = holderOf(places.stateDirectory);
  if (holder !== undefined) return startElsewhere(holder, settings, io);

  makePrivateDirectory(places.stateDirectory);
  const daemon = launchDaemon({
    script: join(__dirname, '../bin/procsup.js'),
    args: daemonWords({ settings, forceColor: false }),
    logFile: places.daemonLog,
    env: io.env,
    cwd: io.cwd,
  });
  const news = await busyWhile(io.env, 'starting', firstNewsOf(daemon));
  daemon.letGo();
  return tell(news, places.daemonLog, settings, io);
}

/** A daemon that ends without a word has failed. */
function firstNewsOf(daemon: LaunchedDaemon): Promise<DaemonNews> {
  return new Promise((resolve) => {
    daemon.lines((line) => resolve(JSON.parse(line) as DaemonNews));
    void daemon.ended.then(({ status, signal, error }) => {
      const how = error ?? signal ?? `status ${String(status)}`;
      const message = `the daemon ended before its processes were up (${how})`;
      resolve({ news: 'failed', status: STATUS.internal, message });
    });
  });
}

function tell(news: DaemonNews, daemonLog: string, { json }: StartSettings, io: StartIo): number {
  switch (news.news) {
    case 'busy':
      io.stderr(`procsup: a supervisor is running for this project already (pid ${String(news.pid)})\n`);
      return STATUS.supervisor;
    case 'failed':
      io.stderr(`procsup: ${news.message}\n  help: see ${daemonLog}\n`);
      return news.status;
    case 'up': {
      const { pid, instances, remarks } = news;
      for (const remark of remarks) io.stderr(`procsup: ${remark}\n`);
      if (json) io.stdout(`${JSON.stringify({ pid, instances })}\n`);
      else for (const one of instances) tellStarted(one, io);
      if (!json) io.stdout(`procsup runs in the background (pid ${String(pid)})\n`);
      return instances.find(({ isUp }) => !isUp)?.status ?? STATUS.success;
    }
  }
}

function tellStarted(one: StartedInstance, io: StartIo): void {
  if (one.isUp) io.stdout(startedText(one));
  else io.stderr(startedText(one));
}
