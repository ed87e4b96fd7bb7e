/** A function of a module in a process of its own: what is launched, and how its result comes back. */
import type { Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';
import { createFrameReader, frameOf } from '../../os/worker/frames.ts';
import { workerHostFile } from '../../os/worker/host-file.ts';
import { FROM_WORKER, TO_WORKER, WORKER_FD, type CallOrder } from '../../os/worker/messages.ts';
import { errorOf, type ErrorRecord } from '../../os/worker/remote-error.ts';
import type { Launched, LaunchOrder } from './launch.ts';
import type { CheckedProgram } from './arguments.ts';
import { ProcessError } from './error.ts';
import type { ProcessExit } from './options.ts';

interface Order {
  readonly launch: Pick<LaunchOrder, 'script' | 'args' | 'words' | 'channel'>;
  /** What is written to the channel first. */
  readonly frame: Buffer | undefined;
}

/** Throws a ProcessError (`UNSERIALIZABLE`). */
export function orderOf(program: CheckedProgram, name: string): Order {
  if (program.kind === 'command') {
    const { script, args, words } = program;
    return { launch: { script, args, words }, frame: undefined };
  }
  const { file, exportName, args } = program;
  const order: CallOrder = { file, exportName, args };
  return { launch: workerLaunch(), frame: frameOf(TO_WORKER.call, serialized(order, name)) };
}

/** Our own Node, with our own flags: loaders, conditions. */
export function workerLaunch(): Required<Order['launch']> {
  const args = [process.execPath, ...process.execArgv.filter(isForWorkers), workerHostFile()];
  return { script: 'exec "$@"', args, words: false, channel: WORKER_FD };
}

/** Two processes cannot listen on the port of one inspector, and a worker evaluates nothing. */
const isForWorkers = (flag: string): boolean =>
  !/^(?:--inspect|--watch|--test|-[epic]\b|--eval|--print)/.test(flag);

function serialized(order: CallOrder, name: string): Buffer {
  try {
    return serialize(order);
  } catch (cause) {
    throw new ProcessError('UNSERIALIZABLE', `cannot start ${name}: ${(cause as Error).message}`, { cause });
  }
}

interface Call {
  readonly name: string;
  readonly launched: Launched;
  readonly ended: Promise<ProcessExit>;
  readonly frame: Buffer;
  readonly daemon: boolean;
}

export function callModule({ name, launched, ended, frame, daemon }: Call): Promise<unknown> {
  const channel = launched.child.stdio[launched.channelAt] as Socket;
  const result = new Promise<unknown>((resolve, reject) => {
    const read = createFrameReader((kind, payload) => {
      const value: unknown = deserialize(payload);
      if (kind === FROM_WORKER.result) resolve(value);
      else reject(threw(name, value as ErrorRecord));
    });
    channel.on('data', read);
    const over = new Promise<void>((close) => channel.once('close', close));
    // Its last words may arrive after the news of its end. Without an answer in them there is none.
    Promise.all([ended, over]).then(
      ([exit]) => reject(new ProcessError('DIED', `${name} ended without a result`, { exit })),
      reject,
    );
  });
  // It has gone: its exit tells more.
  channel.on('error', () => undefined);
  channel.write(frame);
  if (daemon) channel.unref();
  return result;
}

function threw(name: string, record: ErrorRecord): ProcessError {
  return new ProcessError('THREW', `${name} threw ${record.name}: ${record.message}`, {
    cause: errorOf(record),
  });
}
