/** What the settings of `start` mean to the supervisor. */
import type { AppOptions } from '../config/load-app.ts';
import type { HostOptions } from '../host/options.ts';
import type { StartSettings } from './settings.ts';

export function hostOptions(settings: StartSettings): HostOptions {
  const { timeoutMs, restart, restartDelayMs, onExit, stdin, detach, raw } = settings;
  return {
    ...{ timeoutMs, restart, restartDelayMs, onExit, stdin },
    resident: detach,
    output: raw ? 'inherited' : 'piped',
  };
}

/** `forceColor`: our output is coloured, so that of the processes may be. */
export function appOptions(settings: StartSettings, forceColor: boolean): AppOptions {
  const { file, root, env, port, formation, names, labels, tty } = settings;
  return { file, root, env, port, formation, names, labels, tty, forceColor };
}
