/** Starts a supervisor that stays, of which only its news are heard. */
import { join } from 'node:path';
import { daemonWords, type DaemonWords } from '../host/daemon/protocol.ts';
import type { Places } from '../os/files/places.ts';
import { makePrivateDirectory } from '../os/files/private-directory.ts';
import { launchDaemon, type DaemonRequest, type LaunchedDaemon } from '../os/process/daemonize.ts';

/** Throws where its directory or log cannot be made, or it cannot be started. */
export function launchSupervisor(
  { stateDirectory, daemonLog }: Places,
  words: DaemonWords,
  where: Pick<DaemonRequest, 'env' | 'cwd'>,
): LaunchedDaemon {
  makePrivateDirectory(stateDirectory);
  return launchDaemon({
    script: join(__dirname, '../bin/procsup.js'),
    args: daemonWords(words),
    logFile: daemonLog,
    ...where,
  });
}
