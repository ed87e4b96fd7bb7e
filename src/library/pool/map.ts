/** Many values for a pool, of which only a few are in memory at a time. */
import type { MapOptions } from './options.ts';
import type { Submitted, SubmitTo, Values } from './submit.ts';

const LARGEST_AUTO_CHUNK = 1000;
/** Of `auto`: so many chunks for each worker. */
const CHUNKS_PER_WORKER = 4;
/** What each worker may have that is read and not done: enough that none waits while more is read. */
const VALUES_AHEAD = 512;
const LEAST_TASKS_AHEAD = 16;

export async function mapOver<Value, Result>(
  submit: SubmitTo,
  withdraw: (task: Submitted) => void,
  values: Values<Value>,
  size: number,
  { chunk = 1, failFast = true, ...options }: MapOptions = {},
): Promise<Result[]> {
  const perTask = chunkSize(chunk, values, size);
  const most = size * Math.max(LEAST_TASKS_AHEAD, Math.ceil(VALUES_AHEAD / perTask));
  const results: Result[] = [];
  const errors: unknown[] = [];
  let tasks: Submitted[] = [];
  let open = 0;
  /** `goOn` is called when no more are open. */
  let [goOnAt, goOn] = [0, (): void => undefined];
  const isOver = (): boolean => failFast && errors.length > 0;

  const give = (task: readonly Value[]): void => {
    const at = results.length;
    open += 1;
    // No result is put far behind the end: such an array is a dictionary for V8.
    results.length += task.length;
    const done = (answer: unknown): void => {
      if (perTask === 1) results[at] = answer as Result;
      else store(answer as readonly Result[], results, at);
      end();
    };
    if (tasks.length >= 2 * most) tasks = tasks.filter(({ place }) => place !== 'settled');
    tasks.push(submit(perTask === 1 ? task[0] : task, options, perTask > 1, done, fail));
  };
  const fail = (error: unknown): void => {
    const isFirst = errors.length === 0;
    if (isFirst || !failFast) errors.push(error);
    if (isFirst && failFast) tasks.forEach(withdraw);
    end();
  };
  const end = (): void => {
    open -= 1;
    if (open <= goOnAt || isOver()) goOn();
  };
  const untilOpen = async (atMost: number): Promise<void> => {
    goOnAt = atMost;
    if (open > atMost && !isOver()) await new Promise<void>((resolve) => (goOn = resolve));
  };

  for await (const task of chunksOf(values, perTask)) {
    if (isOver()) break;
    give(task);
    // Many at a time: to wait costs more than a short task.
    if (open >= most) await untilOpen(most >> 1);
  }
  await untilOpen(0);
  if (isOver()) throw errors[0];
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} tasks failed`);
  return results;
}

function store<Result>(from: readonly Result[], to: Result[], at: number): void {
  for (let index = 0; index < from.length; index += 1) to[at + index] = from[index] as Result;
}

const chunksOf = <Value>(values: Values<Value>, size: number) =>
  Symbol.asyncIterator in values
    ? chunksOfAsync(values, size)
    : Array.isArray(values)
      ? partsOf<Value>(values, size)
      : chunksOfSync(values, size);

/** Faster than one value after another. */
function* partsOf<Value>(values: readonly Value[], size: number): Generator<readonly Value[]> {
  for (let at = 0; at < values.length; at += size) yield values.slice(at, at + size);
}

function* chunksOfSync<Value>(values: Iterable<Value>, size: number): Generator<readonly Value[]> {
  let chunk: Value[] = [];
  for (const value of values) {
    chunk.push(value);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

async function* chunksOfAsync<Value>(
  values: AsyncIterable<Value>,
  size: number,
): AsyncGenerator<readonly Value[]> {
  let chunk: Value[] = [];
  for await (const value of values) {
    chunk.push(value);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function chunkSize(chunk: number | 'auto', values: Values<unknown>, size: number): number {
  if (chunk !== 'auto') {
    if (Number.isInteger(chunk) && chunk >= 1) return chunk;
    throw new TypeError("map(): chunk must be a whole number from 1 on, or 'auto'");
  }
  if (!Array.isArray(values)) return LARGEST_AUTO_CHUNK / 10;
  return Math.max(1, Math.min(LARGEST_AUTO_CHUNK, Math.ceil(values.length / (CHUNKS_PER_WORKER * size))));
}
