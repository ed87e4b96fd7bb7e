/**
 * The streams. Each reads at the speed of its client and buffers nothing for a slow one: lines that it would have to
 * buffer are dropped, and the client is told how many.
 */
import { withListening } from './with-listening.ts';
import type { InstanceSnapshot } from '../core/snapshot.ts';
import type { Api, EventRecord, LogAsk, StatsWatch, TerminalView } from './api.ts';
import type { Lines } from './route.ts';

/** Maximum number of lines between two checks whether the client keeps up. */
const BATCH = 100;

export async function followLogs(
  api: Api,
  ask: LogAsk,
  { follow = false, all = false }: { readonly follow?: boolean; readonly all?: boolean },
  lines: Lines,
  gone: AbortSignal,
): Promise<void> {
  const bell = createBell(gone);
  const flow = follow ? api.follow(ask, bell.ring) : undefined;
  try {
    for await (const batch of all ? api.allLogs(ask) : api.logs(ask)) {
      for (const line of batch) if (!lines.write(line)) await lines.ready();
      if (gone.aborted) return;
    }
    lines.write({ past: 'over' });
    while (flow !== undefined && !gone.aborted) {
      const { lines: fresh, missed } = flow.take(BATCH);
      if (missed > 0) lines.write({ missed });
      for (const line of fresh) if (!lines.write(line)) await lines.ready();
      if (fresh.length === 0 && missed === 0) await bell.rung();
    }
  } finally {
    flow?.close();
  }
}

export async function followEvents(
  api: Api,
  ask: {
    readonly names?: readonly string[] | undefined;
    readonly after?: number;
    readonly since?: number;
    readonly follow?: boolean;
  },
  lines: Lines,
  gone: AbortSignal,
): Promise<void> {
  const bell = createBell(gone);
  const stopListening = api.onEvent(bell.ring);
  const isWanted = (event: EventRecord): boolean =>
    isAbout(event, ask.names) && (ask.since === undefined || Date.parse(event.time) >= ask.since);
  let seen = ask.after ?? 0;
  // Whoever does not say what it has seen wants what there is.
  let hasBegun = ask.after !== undefined;
  try {
    for (;;) {
      const fresh = api.events(seen);
      const missed = (fresh[0]?.seq ?? seen + 1) - seen - 1;
      if (hasBegun && missed > 0 && !lines.write({ missed })) await lines.ready();
      hasBegun = true;
      for (const event of fresh) {
        seen = event.seq;
        if (isWanted(event) && !lines.write(event)) await lines.ready();
        if (gone.aborted) return;
      }
      if (fresh.length > 0) continue;
      if (ask.follow !== true) return;
      await bell.rung();
      if (gone.aborted) return;
    }
  } finally {
    stopListening();
  }
}

/** An event without a name is about all instances, unless it lists some in `names`. */
function isAbout({ name, names: several }: EventRecord, wanted: readonly string[] | undefined): boolean {
  if (wanted === undefined) return true;
  if (name !== undefined) return wanted.includes(name);
  return !Array.isArray(several) || several.some((one: unknown) => wanted.includes(one as string));
}

export async function followStats(
  api: Api,
  ask: {
    readonly names?: readonly string[];
    readonly interval?: number;
    readonly history?: boolean;
    readonly ports?: boolean;
  },
  lines: Lines,
  gone: AbortSignal,
): Promise<void> {
  const bell = createBell(gone);
  // A new snapshot replaces one that has not been sent yet.
  let newest: readonly InstanceSnapshot[] | undefined;
  const watch: StatsWatch = api.watchStats(ask.names ?? [], ask.interval ?? 1000, (processes) => {
    newest = processes;
    bell.ring();
  });
  let history = ask.history === true ? watch.history : undefined;
  try {
    while (!gone.aborted) {
      const measured = newest;
      newest = undefined;
      if (measured === undefined) {
        await bell.rung();
        continue;
      }
      const processes = ask.ports === true ? await withListening(api, measured) : measured;
      const time = new Date().toISOString();
      const isReady = lines.write({ time, processes, ...(history && { history }) });
      history = undefined;
      if (!isReady) await lines.ready();
    }
  } finally {
    watch.close();
  }
}

/** The first line says whether this client types. */
export async function followTerminal(
  view: TerminalView,
  bell: Bell,
  lines: Lines,
  gone: AbortSignal,
): Promise<void> {
  try {
    lines.write({ types: view.types });
    while (!gone.aborted) {
      const bytes = view.take();
      if (bytes === undefined) return;
      if (bytes.length === 0) await bell.rung();
      else if (!lines.write({ bytes: Buffer.from(bytes).toString('base64') })) await lines.ready();
    }
  } finally {
    view.close();
  }
}

export interface Bell {
  readonly ring: () => void;
  /** Resolves when it has been rung since the last call, or the client is gone. */
  rung(): Promise<void>;
}

export function createBell(gone: AbortSignal): Bell {
  let isRung = false;
  let wake: (() => void) | undefined;
  const ring = (): void => {
    isRung = true;
    wake?.();
  };
  gone.addEventListener('abort', ring, { once: true });
  return {
    ring,
    async rung() {
      // The client may be gone before the bell was created.
      if (!isRung && !gone.aborted) await new Promise<void>((resolve) => (wake = resolve));
      wake = undefined;
      isRung = false;
    },
  };
}
