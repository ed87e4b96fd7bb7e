/** One worker of a pool: a process, and the messages to it and from it. */
import type { Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';
import { publicExitOf, type PublicExit } from '../../core/process/public-exit.ts';
import { systemClock } from '../../os/clock.ts';
import { residentBytes } from '../../os/worker/memory.ts';
import { exitOf } from '../../os/process/spawn.ts';
import { createFrameReader, frameOf } from '../../os/worker/frames.ts';
import { createLineCodec, type Framing } from '../../os/worker/line-framing.ts';
import { openLineLink } from '../../os/worker/line-link.ts';
import { FROM_WORKER, TO_WORKER, type PoolOrder } from '../../os/worker/messages.ts';
import { errorOf, recordOf, type ErrorRecord } from '../../os/worker/remote-error.ts';
import { frameOfValues, valuesIn } from '../../os/worker/values.ts';
import { createStopSignals } from '../../runtime/stop-signals.ts';
import { sweep } from '../../runtime/sweep.ts';
import { workerLaunch } from '../process/call-module.ts';
import { launchProcess, processGroups, type LaunchOrder, type Launched } from '../process/launch.ts';
import type { ProcessError } from '../process/error.ts';

export type WorkerProgram =
  | { readonly kind: 'module'; readonly order: PoolOrder }
  | {
      readonly kind: 'command';
      readonly launch: Pick<LaunchOrder, 'script' | 'args' | 'words'>;
      readonly framing: Framing;
    };

export interface WorkerEvents {
  ready(): void;
  /** To the first message without an answer. */
  answered(answer: { readonly value: unknown } | { readonly error: Error }): void;
  /** Called once, when nothing of it is left to be read. `reason`: what its `init` threw, or why it was refused. */
  exited(exit: PublicExit, reason: unknown): void;
}

export interface PoolWorker {
  /** One task. */
  give(value: unknown, isChunk: boolean): void;
  /** Writes what was given. */
  flush(): void;
  /** At once, with all that it has started. */
  kill(): void;
  /** It ends by itself, unless it takes too long. */
  end(): void;
  /** In bytes; 0: not known. */
  memory(): number;
  /** Whether it keeps our program running. */
  hold(isHeld: boolean): void;
}

const END_GRACE_MS = 5000;

export function startWorker(
  program: WorkerProgram,
  place: Pick<LaunchOrder, 'name' | 'env' | 'cwd'>,
  events: WorkerEvents,
): PoolWorker {
  let launched: Launched | undefined;
  let link: Link | undefined;
  let [isKilled, isEnded, isHeld] = [false, false, true];
  let reason: unknown;
  const stopSignals = createStopSignals(processGroups);

  const kill = (): void => {
    isKilled = true;
    if (launched === undefined || isEnded) return;
    processGroups.signal(launched, 'SIGKILL', 'group');
  };

  const begin = async (): Promise<void> => {
    const isModule = program.kind === 'module';
    const started = await launchProcess({
      ...place,
      ...(isModule ? workerLaunch() : program.launch),
      daemon: true,
      stdio: isModule ? ['ignore', 'inherit', 'inherit'] : ['pipe', 'pipe', 'inherit'],
    });
    launched = started;
    const { child } = started;
    link = isModule
      ? linkByFrames(started, program.order, { ...events, failed: (error) => (reason = error) })
      : linkByLines(started, program.framing, { ...events, failed: (error) => (reason = error) });
    const over = link.over;
    child.once('exit', (code, signal) => {
      isEnded = true;
      const exit = publicExitOf(exitOf(code, signal));
      // Its last answers may arrive after the news of its end, and what it has started ends with it.
      void Promise.all([over, sweep(stopSignals, started.runId, 0, systemClock)]).then(() =>
        events.exited(exit, reason),
      );
    });
    if (!isHeld) child.unref();
    if (isKilled) kill();
    else if (!isModule) events.ready();
  };
  begin().catch((error: unknown) => {
    const { code = 'UNKNOWN' } = ((error as ProcessError).cause ?? {}) as NodeJS.ErrnoException;
    events.exited({ error: code, message: (error as Error).message }, error);
  });

  return {
    give: (value, isChunk) => link?.give(value, isChunk),
    flush: () => link?.flush(),
    kill,
    end() {
      link?.end();
      const cancel = systemClock.after(END_GRACE_MS, kill);
      launched?.child.once('exit', cancel);
    },
    memory: () => residentBytes(launched?.pid),
    hold(held) {
      isHeld = held;
      if (held) launched?.child.ref();
      else launched?.child.unref();
      link?.hold(held);
    },
  };
}

interface Link extends Pick<PoolWorker, 'give' | 'flush' | 'end' | 'hold'> {
  /** Resolves when there is nothing more to be read. */
  readonly over: Promise<void>;
}

interface LinkEvents extends Pick<WorkerEvents, 'ready' | 'answered'> {
  failed(error: unknown): void;
}

const closeOf = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.once('close', () => resolve()));

function linkByFrames({ child, channelAt }: Launched, order: PoolOrder, events: LinkEvents): Link {
  const socket = child.stdio[channelAt] as Socket;
  let values: unknown[] = [];
  const read = createFrameReader((kind, payload) => {
    if (kind === FROM_WORKER.number) return events.answered({ value: payload.readDoubleLE(0) });
    if (kind === FROM_WORKER.results) return events.answered({ value: valuesIn(payload) });
    const value: unknown = payload.length === 0 ? undefined : deserialize(payload);
    if (kind === FROM_WORKER.ready) events.ready();
    else if (kind === FROM_WORKER.result) events.answered({ value });
    else if (kind === FROM_WORKER.thrown) events.answered({ error: errorOf(value as ErrorRecord) });
    else events.failed(errorOf(value as ErrorRecord));
  });
  socket.on('data', read);
  socket.on('error', () => undefined);
  socket.write(frameOf(TO_WORKER.open, serialize(order)));

  let frames: Buffer[] = [];
  const send = (kind: number, all: readonly unknown[]): void => void frames.push(frameOfValues(kind, all));
  const sendSingly = (kind: number, asTask: readonly unknown[]): void => {
    try {
      send(kind, asTask);
    } catch (error) {
      frames.push(frameOf(TO_WORKER.invalid, serialize(recordOf(error))));
    }
  };
  const frameValues = (): void => {
    if (values.length === 0) return;
    const all = values;
    values = [];
    try {
      send(TO_WORKER.tasks, all);
    } catch {
      for (const value of all) sendSingly(TO_WORKER.tasks, [value]);
    }
  };
  const flush = (): void => {
    frameValues();
    const [first, ...others] = frames;
    frames = [];
    if (first !== undefined) socket.write(others.length === 0 ? first : Buffer.concat([first, ...others]));
  };
  return {
    over: closeOf(socket),
    give(value, isChunk) {
      if (!isChunk) {
        values.push(value);
        return;
      }
      frameValues();
      sendSingly(TO_WORKER.chunk, value as readonly unknown[]);
    },
    flush,
    end: () => void socket.end(),
    hold(isHeld) {
      if (isHeld) socket.ref();
      else socket.unref();
    },
  };
}

function linkByLines({ pipes }: Launched, framing: Framing, events: LinkEvents): Link {
  const codec = createLineCodec(framing);
  const [input, output] = [pipes.get(0), pipes.get(1)];
  if (input === undefined || output === undefined) throw new Error('no pipes');
  pipes.clear();
  const link = openLineLink({ input, output }, codec, (message) => {
    let value: unknown;
    try {
      value = codec.decode(message);
    } catch (error) {
      return events.answered({ error: error as Error });
    }
    events.answered({ value });
  });
  return {
    ...link,
    give(value) {
      let bytes: Buffer;
      try {
        bytes = codec.encode(value);
      } catch (error) {
        // In a later turn, as all answers.
        setImmediate(() => events.answered({ error: error as Error }));
        return;
      }
      link.send(bytes);
    },
    flush: () => undefined,
  };
}
