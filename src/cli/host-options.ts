/** What the settings of `start` mean to the supervisor. */
import type { AppOptions } from '../config/load-app.ts';
import type { HostOptions } from '../host/options.ts';
import type { Located } from './locate.ts';
import type { CommonSettings, StartSettings } from './settings.ts';

export function hostOptions(settings: StartSettings): HostOptions {
  const { timeoutMs, restart, restartDelayMs, onExit, stdin, detach, raw } = settings;
  return {
    ...{ timeoutMs, restart, restartDelayMs, onExit, stdin },
    resident: detach,
    output: raw ? 'inherited' : 'piped',
  };
}

/** `colour`: whether that of the processes can be, and is to be, shown. */
export function appOptions(settings: StartSettings & Located, colour: 'forced' | 'none'): AppOptions {
  const { file, root, env, port, formation, names, exclude, labels } = settings;
  const { profiles, noDeps, tty, watch, localBin, envExpand, searched, searchRefused } = settings;
  return {
    ...{ file, root, env, port, formation, names, exclude, labels, colour },
    ...{ profiles, noDeps, tty, watch, localBin, envExpand, searched, searchRefused },
  };
}

/** For programs that have our own stdout, and see whether that is a terminal. */
export const colourOnOurStdout = ({ color }: Pick<CommonSettings, 'color'>): 'none' | undefined =>
  color === 'never' ? 'none' : undefined;
