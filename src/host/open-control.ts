/** Makes a running supervisor one that can be asked, by its host and, where the project is locked, by other terminals. */
import { systemClock } from '../os/clock.ts';
import type { ClosableApi } from './api.ts';
import type { KeptListening } from './keep-listening.ts';
import type { Locked } from './ownership/lock.ts';
import type { Project } from './project.ts';
import type { Running } from './wire.ts';

export interface Control {
  /** Undefined: it was closed before. Never rejects. */
  readonly opened: Promise<Opened | undefined>;
  /** Nobody can ask any more. */
  close(): Promise<void>;
}

export type Opened =
  | { readonly api: ClosableApi; readonly listening?: KeptListening }
  /** It cannot be asked. */
  | { readonly refused: string };

/** `afterMs`: loading it takes longer than many a run. Whoever asks earlier waits so long. */
export function openControl(running: Running, project: Project, locked: Locked, afterMs: number): Control {
  const { isDue, cancel } = later(locked.kind === 'refused' ? 0 : afterMs);
  const opened = isDue.then((is) => (is ? open(running, project, locked) : undefined));
  return {
    opened,
    async close() {
      cancel();
      const control = await opened;
      if (control === undefined || 'refused' in control) return;
      control.api.close();
      await control.listening?.close();
    },
  };
}

function later(ms: number): { readonly isDue: Promise<boolean>; readonly cancel: () => void } {
  if (ms === 0) return { isDue: Promise.resolve(true), cancel: () => undefined };
  let cancel = (): void => undefined;
  const isDue = new Promise<boolean>((resolve) => {
    const cancelTimer = systemClock.after(ms, () => resolve(true));
    cancel = () => {
      cancelTimer();
      resolve(false);
    };
  });
  return { isDue, cancel };
}

async function open(running: Running, project: Project, locked: Locked): Promise<Opened> {
  if (locked.kind === 'refused') return { refused: locked.why };
  let api: ClosableApi | undefined;
  try {
    const { openApi, serve } = await import('./serve.ts');
    api = await openApi(running, project);
    return locked.kind === 'held'
      ? { api, listening: await serve(api, locked.places, running.groundwork.reserve) }
      : { api };
  } catch (error) {
    api?.close();
    return { refused: (error as Error).message };
  }
}
