/** Opens a foreground run to other terminals, when it has lasted long enough for somebody to ask. */
import type { AppSpec } from '../core/plan/app-spec.ts';
import type { PreviousEnd } from '../core/events.ts';
import { systemClock } from '../os/clock.ts';
import type { Claimed } from './lock.ts';
import type { AppOptions, LoadedApp } from '../config/load-app.ts';
import type { Served } from './serve.ts';
import type { HostOptions } from './options.ts';
import { recordEvent } from './record-event.ts';
import type { Running } from './wire.ts';

/** Loading it takes longer than many a run. Whoever asks earlier waits so long. */
const CONTROL_AFTER_MS = 100;

export interface ControlOptions {
  readonly claimed: Exclude<Claimed, { kind: 'busy' }>;
  readonly settings: HostOptions;
  readonly options: AppOptions;
  /** Ours. */
  readonly io: { readonly env: NodeJS.ProcessEnv; readonly cwd: string };
  readonly app: AppSpec;
  readonly loaded: LoadedApp;
  readonly previous: readonly PreviousEnd[];
}

export interface Control {
  /** Nobody can ask any more, and the project is free for the next. */
  close(): Promise<void>;
}

export function controlLater(running: Running, options: ControlOptions): Control {
  const { claimed } = options;
  if (claimed.kind === 'refused') {
    recordEvent(running, { type: 'control-unavailable', reason: claimed.why });
    return { close: () => Promise.resolve() };
  }
  let opening: Promise<Served | undefined> | undefined;
  const cancel = systemClock.after(CONTROL_AFTER_MS, () => {
    opening = openControl(running, options).catch((error: unknown) => {
      recordEvent(running, { type: 'control-unavailable', reason: (error as Error).message });
      return undefined;
    });
  });
  return {
    async close() {
      cancel();
      const served = await opening;
      await served?.close();
      claimed.lock.release();
    },
  };
}

async function openControl(
  running: Running,
  { claimed, settings, options, io, app, loaded, previous }: ControlOptions,
): Promise<Served | undefined> {
  if (claimed.kind !== 'held' || loaded.input === undefined) return undefined;
  const { serve } = await import('./serve.ts');
  const { places, claim } = claimed;
  const { env, cwd } = io;
  return serve(running, { places, claim, settings, options, env, cwd, app, input: loaded.input, previous });
}
