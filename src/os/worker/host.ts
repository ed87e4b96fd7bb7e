/**
 * The program of a worker process: loads a function of a module and calls it for what comes over its socket. Tasks are
 * carried out one after another, and the answer to one is in the kernel before the next one begins: however this process
 * ends, the first task without an answer is the one that it was carrying out, and no other one was begun.
 */
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';
import { createFrameReader, frameOf } from './frames.ts';
import {
  FROM_WORKER,
  TO_WORKER,
  WORKER_FD,
  type CallOrder,
  type FunctionOrder,
  type PoolOrder,
} from './messages.ts';
import { recordOf } from './remote-error.ts';
import { frameOfValues, valuesIn } from './values.ts';

type Callable = (...args: readonly unknown[]) => unknown;

const fd = Number(process.env[WORKER_FD]);
// Programs that this one starts are no workers.
Reflect.deleteProperty(process.env, WORKER_FD);
const socket = new Socket({ fd, readable: true, writable: true });

let task: Callable | undefined;
/** One array or chunk after another. */
const waiting: { readonly kind: number; readonly values: readonly unknown[] }[] = [];
let isBusy = false;

const readFrames = createFrameReader((kind, payload) => {
  if (kind === TO_WORKER.call) return void call(deserialize(payload) as CallOrder);
  if (kind === TO_WORKER.open) return void open(deserialize(payload) as PoolOrder);
  waiting.push({ kind, values: kind === TO_WORKER.invalid ? [deserialize(payload)] : valuesIn(payload) });
  if (!isBusy) void work();
});
socket.on('data', readFrames);
// Our program has gone: whatever we would answer, nobody reads it.
socket.on('error', () => undefined);

async function call({ args, ...order }: CallOrder): Promise<void> {
  let answer: Buffer;
  let hasFailed = true;
  try {
    answer = resultFrame(await (await load(order))(...args));
    hasFailed = answer[4] !== FROM_WORKER.result;
  } catch (error) {
    answer = errorFrame(FROM_WORKER.thrown, error);
  }
  await send(answer);
  if (hasFailed) process.exitCode = 1;
  socket.end();
  socket.unref();
}

async function open({ init, ...order }: PoolOrder): Promise<void> {
  try {
    task = await load(order);
    if (init !== null) await (await load({ ...order, exportName: init.exportName }))(...init.args);
  } catch (error) {
    await send(errorFrame(FROM_WORKER.failed, error));
    process.exit(1);
  }
  await send(frameOf(FROM_WORKER.ready, Buffer.alloc(0)));
}

async function load({ file, exportName }: FunctionOrder): Promise<Callable> {
  const module = (await import(file)) as Readonly<Record<string, unknown>>;
  const found = module[exportName];
  if (typeof found === 'function') return found as Callable;
  throw new TypeError(`${file} exports no function '${exportName}'`);
}

/** What is not a promise is not awaited: that would take longer than many tasks. */
async function work(): Promise<void> {
  isBusy = true;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { kind, values } = next;
    // A chunk is one task.
    for (const value of kind === TO_WORKER.chunk ? [values] : values) {
      const answer = answerTo(kind, value);
      const isSent = sendNow(answer instanceof Promise ? await answer : answer);
      if (isSent !== true) await isSent;
    }
  }
  isBusy = false;
}

function answerTo(kind: number, value: unknown): Buffer | Promise<Buffer> {
  if (kind === TO_WORKER.chunk) return chunkAnswer(value as readonly unknown[]);
  if (kind === TO_WORKER.invalid) return frameOf(FROM_WORKER.thrown, serialize(value));
  return taskAnswer(value);
}

function taskAnswer(value: unknown): Buffer | Promise<Buffer> {
  try {
    const result = task?.(value);
    return isThenable(result) ? awaited(result) : taskResultFrame(result);
  } catch (error) {
    return errorFrame(FROM_WORKER.thrown, error);
  }
}

async function awaited(result: PromiseLike<unknown>): Promise<Buffer> {
  try {
    return resultFrame(await result);
  } catch (error) {
    return errorFrame(FROM_WORKER.thrown, error);
  }
}

/** It is one task: where one value fails, all of it has failed. */
function chunkAnswer(values: readonly unknown[]): Buffer | Promise<Buffer> {
  const results: unknown[] = [];
  try {
    for (const value of values) {
      const result = task?.(value);
      if (isThenable(result)) return slowChunkAnswer(values, results, result);
      results.push(result);
    }
  } catch (error) {
    return errorFrame(FROM_WORKER.thrown, error);
  }
  return resultsFrame(results);
}

async function slowChunkAnswer(
  values: readonly unknown[],
  results: unknown[],
  first: PromiseLike<unknown>,
): Promise<Buffer> {
  try {
    results.push(await first);
    while (results.length < values.length) results.push(await task?.(values[results.length]));
    return resultsFrame(results);
  } catch (error) {
    return errorFrame(FROM_WORKER.thrown, error);
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

const NOTHING = frameOf(FROM_WORKER.result, Buffer.alloc(0));

/** Of what most tasks return, without serializing. */
function taskResultFrame(value: unknown): Buffer {
  if (value === undefined) return NOTHING;
  if (typeof value !== 'number') return resultFrame(value);
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleLE(value);
  return frameOf(FROM_WORKER.number, bytes);
}

function resultFrame(value: unknown): Buffer {
  try {
    return frameOf(FROM_WORKER.result, serialize(value));
  } catch (error) {
    return errorFrame(FROM_WORKER.thrown, error);
  }
}

function resultsFrame(values: readonly unknown[]): Buffer {
  try {
    return frameOfValues(FROM_WORKER.results, values);
  } catch (error) {
    return errorFrame(FROM_WORKER.thrown, error);
  }
}

const errorFrame = (kind: number, thrown: unknown): Buffer => frameOf(kind, serialize(recordOf(thrown)));

/** True: it is in the kernel. Otherwise resolves when it is. */
function sendNow(frame: Buffer): true | Promise<void> {
  let written = 0;
  try {
    while (written < frame.length) written += writeSync(fd, frame, written);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return sendRest(frame.subarray(written));
    // Our program has gone. Nobody will ask for more.
    return new Promise(() => undefined);
  }
}

async function send(frame: Buffer): Promise<void> {
  await sendNow(frame);
}

const sendRest = (rest: Buffer): Promise<void> =>
  new Promise((resolve) => void socket.write(rest, () => resolve()));
